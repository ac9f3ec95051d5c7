import { expect, test } from 'vitest';
import type { KubeObject, ObjectMeta } from '../kube/objects.ts';
import { PODS, type ResourceType } from '../kube/resource-types.ts';
import { Cache } from './cache.ts';
import { watchChildren, watchOwn } from './sources.ts';

const NETWORKS: ResourceType = {
  group: 'nodewright.dev',
  version: 'v1alpha1',
  kind: 'TendermintNetwork',
  plural: 'tendermintnetworks',
  namespaced: true,
};

let version = 0;
function object(kind: string, name: string, metadata: Partial<ObjectMeta> = {}): KubeObject {
  const resourceVersion = String(++version);
  return { apiVersion: 'v1', kind, metadata: { namespace: 'default', name, uid: name, resourceVersion, ...metadata } };
}

function owner(name: string, fields: { apiVersion?: string; kind?: string; controller?: boolean } = {}) {
  return {
    apiVersion: 'nodewright.dev/v1alpha1',
    kind: 'TendermintNetwork',
    name,
    uid: name,
    controller: true,
    ...fields,
  };
}

test('the resource itself: what a reconciler can act on counts, status does not', () => {
  const cache = new Cache(NETWORKS);
  let calls = 0;
  watchOwn(cache, (request) => {
    expect(request).toEqual({ namespace: 'default', name: 'net' });
    calls++;
  });
  const steps: [string, Partial<ObjectMeta>, number][] = [
    ['created', { generation: 1 }, 1],
    ['status written', { generation: 1 }, 0],
    ['spec changed', { generation: 2 }, 1],
    ['annotated', { generation: 2, annotations: { 'nodewright.dev/paused': 'true' } }, 1],
    ['status written', { generation: 2, annotations: { 'nodewright.dev/paused': 'true' } }, 0],
    ['labelled', { generation: 2, labels: { a: 'b' } }, 1],
    ['deletion begun', { generation: 2, labels: { a: 'b' }, deletionTimestamp: '2026-11-20T10:00:00Z' }, 1],
  ];
  for (const [step, metadata, expected] of steps) {
    calls = 0;
    cache.applyEvent('MODIFIED', object('TendermintNetwork', 'net', metadata));
    expect(calls, step).toBe(expected);
  }
  cache.applyEvent('DELETED', object('TendermintNetwork', 'net'));
  expect(calls).toBe(2);
});

test('children call the reconciler of their controlling owner, before and after a change', () => {
  const cache = new Cache(PODS);
  const called: string[] = [];
  const map = (child: KubeObject) => {
    const name = child.metadata.labels?.['nodewright.dev/retained-from'];
    return name ? [{ namespace: 'default', name }] : [];
  };
  watchChildren(cache, NETWORKS, map, ({ name }) => called.push(name));
  const step = (metadata: Partial<ObjectMeta>) => {
    called.length = 0;
    cache.applyEvent('MODIFIED', object('Pod', 'p', metadata));
    return [...called];
  };
  expect(step({ ownerReferences: [owner('a')] })).toEqual(['a']);
  expect(step({ ownerReferences: [owner('b', { apiVersion: 'nodewright.dev/v1' })] })).toEqual(['a', 'b']);
  expect(step({ ownerReferences: [owner('c', { controller: false })] })).toEqual(['b']);
  expect(step({ ownerReferences: [owner('d', { kind: 'Other' }), owner('e', { apiVersion: 'v1' })] })).toEqual([]);
  expect(step({ labels: { 'nodewright.dev/retained-from': 'f' } })).toEqual(['f']);
  called.length = 0;
  cache.applyEvent('DELETED', object('Pod', 'p'));
  expect(called).toEqual(['f']);
});
