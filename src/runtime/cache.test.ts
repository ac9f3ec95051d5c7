import { describe, expect, test } from 'vitest';
import type { KubeObject, ObjectMeta } from '../kube/objects.ts';
import { PODS } from '../kube/resource-types.ts';
import { Cache } from './cache.ts';
import { manualClock } from './manual-clock.ts';

function pod(name: string, resourceVersion: number | string, metadata: Partial<ObjectMeta> = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'default', name, uid: `uid-${name}`, resourceVersion: String(resourceVersion), ...metadata },
  };
}

function filled(...pods: KubeObject[]) {
  const cache = new Cache(PODS);
  for (const object of pods) cache.applyEvent('ADDED', object);
  const changes: string[] = [];
  cache.onChange((before, after) => {
    changes.push(`${before?.metadata.resourceVersion ?? '-'} > ${after?.metadata.resourceVersion ?? '-'}`);
  });
  const versionOf = (name: string) => cache.get({ namespace: 'default', name })?.metadata.resourceVersion;
  return { cache, changes, versionOf };
}

describe('the watch and our own writes', () => {
  test('a write is visible at once, and an older event does not undo it', () => {
    const { cache, versionOf, changes } = filled(pod('a', 10));
    cache.recordWrite(pod('a', 12));
    cache.applyEvent('MODIFIED', pod('a', 11));
    expect(versionOf('a')).toBe('12');
    cache.applyEvent('MODIFIED', pod('a', 12));
    cache.applyEvent('MODIFIED', pod('a', 13));
    expect(changes).toEqual(['10 > 12', '12 > 13']);
  });

  test('versions are compared as numbers of any length', () => {
    const { cache, versionOf } = filled(pod('a', 9));
    cache.applyEvent('MODIFIED', pod('a', 10));
    expect(versionOf('a')).toBe('10');
    cache.recordWrite(pod('a', '18446744073709551615'));
    cache.applyEvent('MODIFIED', pod('a', '18446744073709551614'));
    expect(versionOf('a')).toBe('18446744073709551615');
  });

  test('a late answer does not undo a newer event', () => {
    const { cache, versionOf } = filled(pod('a', 10));
    cache.applyEvent('MODIFIED', pod('a', 13));
    cache.recordWrite(pod('a', 12));
    expect(versionOf('a')).toBe('13');
  });

  test('a deletion is visible at once, and older events do not bring the object back', () => {
    const { cache, versionOf, changes } = filled(pod('a', 10));
    cache.recordDelete({ namespace: 'default', name: 'a' }, 'uid-a');
    cache.applyEvent('MODIFIED', pod('a', 11));
    cache.applyEvent('DELETED', pod('a', 12));
    expect(versionOf('a')).toBeUndefined();
    expect(changes).toEqual(['10 > -']);
  });

  test('a new object under the deleted name is another object', () => {
    const { cache, versionOf } = filled(pod('a', 10));
    cache.recordDelete({ namespace: 'default', name: 'a' }, 'uid-a');
    cache.recordWrite(pod('a', 14, { uid: 'second' }));
    cache.applyEvent('DELETED', pod('a', 12));
    expect(versionOf('a')).toBe('14');
  });

  test('a recorded deletion of another uid leaves the object alone', () => {
    const { cache, versionOf } = filled(pod('a', 10, { uid: 'second' }));
    cache.recordDelete({ namespace: 'default', name: 'a' }, 'uid-a');
    expect(versionOf('a')).toBe('10');
  });

  test('an answer that arrives after the deletion of its object does not bring it back', () => {
    const { cache, versionOf } = filled();
    cache.applyEvent('ADDED', pod('a', 10));
    cache.applyEvent('DELETED', pod('a', 12));
    cache.recordWrite(pod('a', 10));
    expect(versionOf('a')).toBeUndefined();
  });

  test('an object that left the label selector comes back when it matches again', () => {
    const { cache, versionOf } = filled(pod('a', 10));
    cache.applyEvent('DELETED', pod('a', 12));
    cache.applyEvent('ADDED', pod('a', 15));
    expect(versionOf('a')).toBe('15');
  });

  test('a write takes an object out of a cache that it no longer belongs to, and puts none in', () => {
    const cache = new Cache(PODS, { labels: { app: 'x' }, namespaces: ['default'] });
    cache.recordWrite(pod('a', 1, { labels: { app: 'x' } }));
    cache.recordWrite(pod('b', 2, { labels: { app: 'x' }, namespace: 'other' }));
    cache.recordWrite(pod('c', 3));
    expect(cache.list().map(nameOf)).toEqual(['a']);
    cache.recordWrite(pod('a', 4));
    expect(cache.list()).toEqual([]);
  });

  test('tombstones are not kept for ever', async () => {
    const clock = manualClock();
    const cache = new Cache(PODS, { clock });
    cache.recordDelete({ namespace: 'default', name: 'a' }, 'uid-a');
    await clock.advance(11 * 60_000);
    cache.recordDelete({ namespace: 'default', name: 'b' }, 'uid-b');
    cache.recordWrite(pod('a', 5));
    expect(cache.get({ namespace: 'default', name: 'a' })).toBeDefined();
  });
});

describe('a new list', () => {
  test('delivers what was missed', () => {
    const { cache, changes } = filled(pod('a', 10), pod('b', 11), pod('c', 12));
    cache.beginReplace()([pod('a', 10), pod('b', 15), pod('d', 14)], '20');
    expect(changes).toEqual(['11 > 15', '- > 14', '12 > -']);
  });

  test('begun before our write does not undo it', () => {
    const { cache, versionOf } = filled(pod('a', 10), pod('b', 11));
    const replace = cache.beginReplace();
    cache.recordWrite(pod('a', 16));
    cache.recordWrite(pod('new', 17));
    cache.recordDelete({ namespace: 'default', name: 'b' }, 'uid-b');
    replace([pod('a', 10), pod('b', 11)], '15');
    expect([versionOf('a'), versionOf('b'), versionOf('new')]).toEqual(['16', undefined, '17']);
  });

  test('knows better than an answer that came meanwhile but is contained in it', () => {
    const { cache, versionOf } = filled();
    const replace = cache.beginReplace();
    cache.recordWrite(pod('a', 12));
    replace([], '15');
    expect(versionOf('a')).toBeUndefined();
  });

  test('begun after our write is believed, also with smaller versions (a restored etcd)', () => {
    const { cache, versionOf } = filled();
    cache.recordWrite(pod('a', 100));
    cache.recordDelete({ namespace: 'default', name: 'b' }, 'uid-b');
    cache.beginReplace()([pod('a', 10), pod('b', 11)], '20');
    expect([versionOf('a'), versionOf('b')]).toEqual(['10', '11']);
  });

  test('of one namespace leaves the others alone', () => {
    const { cache } = filled(pod('a', 10), pod('b', 11, { namespace: 'other', uid: 'other-b' }));
    cache.beginReplace('default')([], '20');
    expect(cache.list().map((object) => object.metadata.name)).toEqual(['b']);
  });
});

describe('reading', () => {
  const labelled = [
    pod('a', 1, { labels: { app: 'x', role: 'full' }, ownerReferences: [owner('o1')] }),
    pod('b', 2, { labels: { app: 'x', role: 'validator' }, ownerReferences: [owner('o1'), owner('o2')] }),
    pod('c', 3, { namespace: 'other', uid: 'uid-other-c', labels: { app: 'x' } }),
    pod('d', 4),
  ];

  test.each([
    [{}, ['a', 'b', 'd', 'c']],
    [{ namespace: 'default' }, ['a', 'b', 'd']],
    [{ labels: { app: 'x' } }, ['a', 'b', 'c']],
    [{ namespace: 'default', labels: { app: 'x', role: 'full' } }, ['a']],
    [{ namespace: 'nowhere' }, []],
    [{ labels: { app: 'y' } }, []],
  ])('list %j', (options, names) => {
    const { cache } = filled(...labelled);
    for (const round of [1, 2]) expect(cache.list(options).map(nameOf), `round ${round}`).toEqual(names);
  });

  test('indexes follow changes', () => {
    const { cache } = filled(...labelled);
    expect(cache.list({ labels: { role: 'full' } }).map(nameOf)).toEqual(['a']);
    cache.applyEvent('MODIFIED', pod('a', 5, { labels: { role: 'seed' }, ownerReferences: [owner('o2')] }));
    expect(cache.list({ labels: { role: 'full' } })).toEqual([]);
    expect(cache.list({ labels: { role: 'seed' } }).map(nameOf)).toEqual(['a']);
    expect([cache.list({ owner: 'o1' }).map(nameOf), cache.list({ owner: 'o2' }).map(nameOf)]).toEqual([
      ['b'],
      ['a', 'b'],
    ]);
    cache.applyEvent('DELETED', pod('b', 6));
    expect(cache.list({ owner: 'o1' })).toEqual([]);
  });

  test('managedFields are dropped, everything else is kept', () => {
    const { cache } = filled();
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{}' };
    cache.applyEvent('ADDED', pod('a', 1, { annotations, managedFields: [{ manager: 'kubectl' }] }));
    expect(cache.get({ namespace: 'default', name: 'a' })).toEqual(pod('a', 1, { annotations }));
  });
});

test('a throwing listener is reported and does not keep the others from hearing', () => {
  const reported: unknown[] = [];
  const cache = new Cache(PODS, { onListenerError: (error) => reported.push(error) });
  const heard: string[] = [];
  cache.onChange(() => {
    throw new Error('first');
  });
  cache.onChange((_, after) => heard.push(after?.metadata.name ?? ''));
  cache.applyEvent('ADDED', pod('a', 1));
  expect([reported.length, heard]).toEqual([1, ['a']]);
});

function owner(uid: string) {
  return { apiVersion: 'v1', kind: 'Owner', name: uid, uid };
}

function nameOf(object: KubeObject): string {
  return object.metadata.name;
}
