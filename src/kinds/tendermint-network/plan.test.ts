/** What the operator would do, and the words in which it says so. */
import { describe, expect, test } from 'vitest';
import type { Service } from '../../kube/objects.ts';
import type { TendermintNetworkSpec } from './schema.ts';
import {
  addressOf,
  carryOut,
  change,
  deleting,
  emptyNetwork,
  NOW,
  planOf,
  problemsOf,
  run,
  sentencesOf,
  settle,
  settledNetwork,
  waitsOf,
} from './settled-network.ts';

describe('a new network', () => {
  test('keys, reservations, genesis and addresses come before claims, and pods of validators last', () => {
    const settled = emptyNetwork({ validators: { replicas: 1 }, fullNodes: { replicas: 1 } });
    const address = addressOf(settled, 'validator-0');
    expect(sentencesOf(settled)).toEqual([
      'patch TendermintNetwork demo: finalizer, so that its keys and volumes are seen to when it is deleted',
      'create Secret demo-validator-0: keys of node validator-0',
      'create Secret demo-full-0: keys of node full-0',
      expect.stringMatching(
        /^create Lease validator-[0-9a-f]{40}: reserve the validator key, so that it runs nowhere else$/,
      ),
      'create ConfigMap demo-genesis: genesis of chain demo-1',
      'create Service demo-validator-0: address of node validator-0 that stays when its pod changes',
      'create Service demo-full-0: address of node full-0 that stays when its pod changes',
      'create ConfigMap demo-validator-0: config.toml of node validator-0',
      'create ConfigMap demo-full-0: config.toml of node full-0',
      'create PersistentVolumeClaim demo-validator-0: data of node validator-0',
      'create PersistentVolumeClaim demo-full-0: data of node full-0',
      'create Pod demo-full-0: node full-0',
      'create Service demo-rpc: RPC of whichever nodes are in sync',
      'create PodDisruptionBudget demo: evictions must leave more than two thirds of the voting power',
    ]);
    carryOut(settled, planOf(settled).changes);
    expect(sentencesOf(settled)).toEqual([
      expect.stringMatching(/^patch Lease .*: remember that claim demo-validator-0 holds the sign state$/),
      'patch Secret demo-validator-0: remember that claim demo-validator-0 holds the sign state',
      `create Pod demo-validator-0: node validator-0, validator ${address}`,
    ]);
  });

  test('at rest there is nothing to do', () => {
    const settled = settledNetwork({ fullNodes: { replicas: 2 }, monitor: {}, transacter: {} });
    expect(sentencesOf(settled)).toEqual([]);
    expect(waitsOf(settled)).toEqual([]);
    expect(problemsOf(settled)).toEqual([]);
  });
});

describe('a rolling change', () => {
  test.each<[string, Partial<TendermintNetworkSpec>, string]>([
    ['image', { image: 'cometbft:v2' }, 'image of node cometbft:v1 → cometbft:v2'],
    ['config', { config: 'log_level = "debug"' }, 'spec.config changed'],
    ['resources', { resources: { requests: { cpu: '2' } } }, 'spec.resources changed'],
    ['scheduling', { scheduling: { nodeSelector: { a: 'b' } } }, 'spec.scheduling changed'],
    ['peers', { peers: [`${'a'.repeat(40)}@x:1`] }, 'spec.peers changed'],
  ])('%s: one node, with the reason', (_name, spec, why) => {
    const settled = change(settledNetwork(), spec);
    const restarts = sentencesOf(settled).filter((sentence) => sentence.startsWith('replace'));
    expect(restarts).toEqual([`replace Pod demo-validator-0: ${why}; 1 at a time, 3 more to go`]);
  });

  test('the annotation restartedAt', () => {
    const settled = settledNetwork();
    settled.network.metadata.annotations = { 'nodewright.dev/restartedAt': '2026-01-02T00:00:00Z' };
    expect(sentencesOf(settled)).toEqual([
      'replace Pod demo-validator-0: a restart was asked for; 1 at a time, 3 more to go',
    ]);
  });

  test('full nodes go first, and the next one waits until the last one is well', () => {
    const settled = change(settledNetwork({ fullNodes: { replicas: 2 } }), { image: 'cometbft:v2' });
    expect(sentencesOf(settled)).toEqual([
      'replace Pod demo-full-0: image of node cometbft:v1 → cometbft:v2; 1 at a time, 5 more to go',
    ]);
    deleting(settled.observed.pods, 'demo-full-0');
    expect(sentencesOf(settled)).toEqual([]);
    expect(waitsOf(settled)[0]).toMatch(/^restart of full-1, validator-0, .*: full-0 has to be in sync again first$/);
    settled.observed.pods.delete('demo-full-0');
    expect(sentencesOf(settled)).toEqual(['create Pod demo-full-0: node full-0']);
    settle(change(settled, { image: 'cometbft:v2' }));
    expect([...settled.observed.pods.values()].map((pod) => pod.spec?.containers[0]?.image)).toEqual(
      Array(6).fill('cometbft:v2'),
    );
  });

  test('another agent image and another list of peers restart nothing', () => {
    const settled = settledNetwork();
    expect(sentencesOf(settled, 'nodewright:v2')).toEqual([]);
    expect(planOf(settled, 'nodewright:v2').pendingUpdates.get('validator-0')).toBe(
      'the pod as this version of Nodewright makes it',
    );
    change(settled, { fullNodes: { replicas: 1 } });
    expect(sentencesOf(settled).filter((sentence) => /^(replace|delete)/.test(sentence))).toEqual([]);
    expect(planOf(settled).pendingUpdates.get('validator-0')).toBe('the list of peers');
  });

  test('labels change in place', () => {
    const settled = change(settledNetwork({ validators: { replicas: 1 } }), { labels: { team: 'red' } });
    expect(sentencesOf(settled)).toContain('patch Pod demo-validator-0: labels.team none → red');
    expect(sentencesOf(settled).filter((sentence) => sentence.startsWith('replace'))).toEqual([]);
  });

  test('bad TOML holds every restart, with the line', () => {
    const settled = change(settledNetwork(), { image: 'cometbft:v2', config: 'a = 1\nb = = 2\n' });
    expect(sentencesOf(settled)).toEqual([]);
    expect(problemsOf(settled)).toEqual([expect.stringMatching(/^ConfigInvalid: spec\.config.*line 2/s)]);
    expect(waitsOf(settled)[0]).toMatch(/^restarts: spec\.config/);
    settled.observed.pods.delete('demo-validator-1');
    expect(sentencesOf(settled)).toEqual([expect.stringMatching(/^create Pod demo-validator-1/)]);
  });

  test('a claim that is being deleted keeps its validator running', () => {
    const settled = change(settledNetwork(), { image: 'cometbft:v2' });
    deleting(settled.observed.claims, 'demo-validator-0');
    expect(sentencesOf(settled)).toEqual([expect.stringMatching(/^replace Pod demo-validator-1/)]);
    expect(waitsOf(settled)[0]).toMatch(
      /^restart of validator-0: claim demo-validator-0 is being deleted, .*delete pod demo-validator-0 by hand$/,
    );
  });
});

describe('quorum', () => {
  test.each([
    [[10], 0, 10, 7],
    [[10, 10], 10, 20, 14],
    [[10, 10, 10], 20, 30, 21],
    [[50, 10, 10, 10], 30, 80, 54],
  ])('of validators with powers %j none is stopped', (powers, left, total, needed) => {
    const nodes = powers.map((power, index) => ({ name: `v${index}`, power }));
    const settled = change(settledNetwork({ validators: { nodes } }), { config: 'log_level = "debug"' });
    const restarts = sentencesOf(settled).filter((sentence) => sentence.startsWith('replace'));
    if (powers.length === 4) {
      // The heavy one cannot go; the others can, one after the other.
      expect(restarts).toEqual([expect.stringMatching(/^replace Pod demo-v1: spec.config changed/)]);
    } else {
      expect(restarts).toEqual([]);
      expect(waitsOf(settled)).toEqual([
        `restart of ${nodes.map(({ name }) => name).join(', ')}: without v0 ${left} of ${total} voting power would be proven to vote, and blocks need ${needed}. The chain would halt; set spec.strategy.allowHalt to true to accept that for the time of the restart`,
      ]);
    }
    change(settled, { strategy: { allowHalt: true } });
    expect(sentencesOf(settled)).toContainEqual(expect.stringMatching(/^replace Pod demo-v0/));
  });

  test('one of four that is unwell keeps the other three', () => {
    const settled = change(settledNetwork(), { image: 'cometbft:v2' });
    run(settled, 'demo-validator-3', { error: 'connect ECONNREFUSED' });
    expect(sentencesOf(settled)).toEqual([expect.stringMatching(/^replace Pod demo-validator-3: .*3 more to go$/)]);
    settled.observed.pods.delete('demo-validator-3');
    expect(sentencesOf(settled)).toEqual([expect.stringMatching(/^create Pod demo-validator-3/)]);
  });

  test('silence is no proof of a halt', () => {
    const settled = change(settledNetwork({ validators: { replicas: 3 } }), { image: 'cometbft:v2' });
    for (const name of settled.observed.pods.keys())
      run(settled, name, { error: 'connect ETIMEDOUT', advancedAt: NOW.getTime() - 300_000 });
    expect(sentencesOf(settled)).toEqual([]);
    expect(waitsOf(settled)[0]).toMatch(/would halt/);
  });

  test('on a chain that is seen to stand still, the first may go', () => {
    const settled = change(settledNetwork({ validators: { replicas: 3 } }), { image: 'cometbft:v2' });
    for (const name of settled.observed.pods.keys()) run(settled, name, { advancedAt: NOW.getTime() - 300_000 });
    expect(sentencesOf(settled)).toEqual([expect.stringMatching(/^replace Pod demo-validator-0/)]);
  });
});

describe('drift', () => {
  test('a Service that somebody changed or deleted', () => {
    const settled = settledNetwork();
    const service = settled.observed.services.get('demo-validator-0') as Service;
    const spec = { ...service.spec, publishNotReadyAddresses: false, clusterIP: '10.0.0.7' };
    settled.observed.services.set('demo-validator-0', { ...service, spec } as Service);
    expect(sentencesOf(settled)).toContain(
      'update Service demo-validator-0: changed by someone else: spec.publishNotReadyAddresses false → true',
    );
    settle(settled);
    settled.observed.services.delete('demo-validator-0');
    const [create] = planOf(settled).changes;
    expect(create).toMatchObject({ verb: 'apply', isNew: true, object: { spec: { clusterIP: '10.0.0.7' } } });
  });

  test('a failed pod is replaced at once', () => {
    const settled = settledNetwork();
    const pod = settled.observed.pods.get('demo-validator-0');
    settled.observed.pods.set('demo-validator-0', { ...pod, status: { phase: 'Failed', reason: 'Evicted' } } as never);
    expect(sentencesOf(settled)).toContain('delete Pod demo-validator-0: the pod failed: Evicted');
  });

  test('a volume grows and never shrinks', () => {
    const settled = change(settledNetwork({ validators: { replicas: 1 } }), { storage: { size: '3Gi' } });
    expect(sentencesOf(settled)).toEqual(['patch PersistentVolumeClaim demo-validator-0: size 2Gi → 3Gi']);
    change(settled, { storage: { size: '1Gi' } });
    expect(problemsOf(settled)).toEqual([
      expect.stringMatching(/^StorageShrinks: claim demo-validator-0 has 2Gi, and the spec asks for 1Gi/),
    ]);
  });
});
