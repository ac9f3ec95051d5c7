import { expect, test } from 'vitest';
import type { Deployment } from '../../kube/objects.ts';
import type { ListOptions, Reader } from '../../kube/reader.ts';
import { guardAgainstTutorial } from './original-operator.ts';

const deployment = (namespace: string, readyReplicas: number): Deployment => ({
  ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { namespace, name: 'symbolnode-operator' } },
  status: { readyReplicas },
});

function guard(found: Deployment[], namespaces?: string[]) {
  const asked: ListOptions[] = [];
  const list = async (_type: unknown, options: ListOptions) => {
    asked.push(options);
    return found.filter(({ metadata }) => options.namespace === undefined || metadata.namespace === options.namespace);
  };
  let now = new Date('2030-01-01T00:00:00Z');
  const options = { operatorNamespace: 'a', agentImage: 'b', ...(namespaces === undefined ? {} : { namespaces }) };
  const look = guardAgainstTutorial({ reader: { list } as unknown as Reader, options, now: () => now });
  return { asked, look, wait: (ms: number) => (now = new Date(now.getTime() + ms)) };
}

test.each<[string, Deployment[], string[] | undefined, string | undefined]>([
  ['none', [], undefined, undefined],
  ['scaled to 0', [deployment('symbol', 0)], undefined, undefined],
  [
    'running',
    [deployment('symbol', 1)],
    undefined,
    "the tutorial's operator still runs: Deployment symbol/symbolnode-operator has ready pods. Scale it to 0 first",
  ],
  ['running where the operator does not look', [deployment('symbol', 1)], ['other'], undefined],
])('%s', async (_what, found, namespaces, expected) => {
  expect(await guard(found, namespaces).look()).toBe(expected);
});

test('one look serves for some seconds', async () => {
  const { asked, look, wait } = guard([]);
  await look();
  wait(9000);
  await look();
  expect(asked).toEqual([{ name: 'symbolnode-operator' }]);
  wait(1000);
  await look();
  expect(asked).toHaveLength(2);
});
