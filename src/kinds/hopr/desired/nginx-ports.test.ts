import { describe, expect, test } from 'vitest';
import type { ConfigMap, Deployment } from '../../../kube/objects.ts';
import { buildControllerPorts, closePorts, openPorts, patchOfEntries, portsOf } from './nginx-ports.ts';

const node = { namespace: 'team', name: 'x-1' };
const two = { start: 9000, count: 2 };

describe('entries of a node', () => {
  test.each<[string, Record<string, string> | undefined, Record<string, string | null> | undefined]>([
    ['into an empty map', undefined, { 9000: 'team/x-1:9000', 9001: 'team/x-1:9001' }],
    ['nothing where they are there', { 9000: 'team/x-1:9000', 9001: 'team/x-1:9001' }, undefined],
    ['what the controller knows besides stays', { 9000: 'team/x-1:9000:PROXY', 9001: 'team/x-1:9001' }, undefined],
    ['only what is missing', { 9000: 'team/x-1:9000' }, { 9001: 'team/x-1:9001' }],
    [
      'those of another range go',
      { 9000: 'team/x-1:9000', 9001: 'team/x-1:9001', 9050: 'team/x-1:9050' },
      { 9050: null },
    ],
    [
      'those of others stay, however alike their names are',
      { 9020: 'team/x-10:9020', 9021: 'other/x-1:9021', 22: 'git/ssh:22', 9022: 'team/x-1-p2p:9022' },
      { 9000: 'team/x-1:9000', 9001: 'team/x-1:9001' },
    ],
  ])('%s', (_what, data, patch) => {
    expect(openPorts(data, node, two)).toEqual(patch);
  });

  test('are closed without those of x-10, x-11 and the rest', () => {
    const data = {
      9000: 'team/x-1:9000',
      9010: 'team/x-10:9010',
      9011: 'team/x-11:9011',
      9012: 'team/x-1a:9012',
      9013: 'my-team/x-1:9013',
    };
    expect(closePorts(data, node)).toEqual({ 9000: null });
    expect(closePorts({ 9010: 'team/x-10:9010' }, node)).toBeUndefined();
    expect(portsOf(data, node)).toEqual([9000]);
    expect(portsOf(data, node, true)).toEqual([9010, 9011, 9012, 9013]);
  });

  test('a patch of them fails where somebody else wrote in between', () => {
    const configMap = { metadata: { name: 'ingress-nginx-tcp', uid: 'u', resourceVersion: '7' } } as ConfigMap;
    expect(patchOfEntries(configMap, { 9000: null })).toEqual({
      metadata: { uid: 'u', resourceVersion: '7' },
      data: { 9000: null },
    });
  });
});

describe('ports of the controller', () => {
  const controller = (...containers: object[]) =>
    ({
      metadata: { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' },
      spec: { template: { spec: { containers } } },
    }) as unknown as Deployment;
  const container = (ports: object[] = [], name = 'controller') => ({ name, image: 'nginx', ports });
  const declared = (port: number) => [
    { name: `tcp-${port}`, containerPort: port, protocol: 'TCP' },
    { name: `udp-${port}`, containerPort: port, protocol: 'UDP' },
  ];
  const http = { name: 'http', containerPort: 80, protocol: 'TCP' };

  test('are given to the controller alone; sidecars are not mentioned, and so stay', () => {
    const live = controller({ name: 'sidecar' }, container([http]));
    expect(buildControllerPorts(live, { first: 9000, last: 9001 })).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' },
      spec: {
        template: {
          spec: { containers: [{ name: 'controller', ports: [...declared(9000), ...declared(9001)] }] },
        },
      },
    });
  });

  test('the first container is the controller where none is called so', () => {
    const live = controller(container([], 'nginx'), container([], 'sidecar'));
    const ports = buildControllerPorts(live, { first: 9000, last: 9000 });
    expect(ports).toMatchObject({ spec: { template: { spec: { containers: [{ name: 'nginx' }] } } } });
  });

  test('nothing is to be done where they are declared, even under names of others', () => {
    const own = { name: 'mine', containerPort: 9000, protocol: 'TCP' };
    const live = controller(container([own, ...declared(9000).slice(1), ...declared(9001)]));
    expect(buildControllerPorts(live, { first: 9000, last: 9001 })).toBeUndefined();
  });

  test('a port that somebody declared under another name is left to them', () => {
    const own = { name: 'mine', containerPort: 9000 };
    const live = controller(container([own]));
    const ports = buildControllerPorts(live, { first: 9000, last: 9000 });
    expect(ports).toMatchObject({
      spec: { template: { spec: { containers: [{ ports: declared(9000).slice(1) }] } } },
    });
  });

  test('those of ours that are there are named again, as apply takes away what is not', () => {
    const live = controller(container(declared(9000)));
    const ports = buildControllerPorts(live, { first: 9000, last: 9001 });
    expect(ports).toMatchObject({
      spec: { template: { spec: { containers: [{ ports: [...declared(9000), ...declared(9001)] }] } } },
    });
  });
});
