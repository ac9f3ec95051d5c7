/** Keys, sign states, the genesis, and how nodes and networks end: what must never be lost or run twice. */
import { describe, expect, test } from 'vitest';
import type { ConfigMap, Secret } from '../../kube/objects.ts';
import type { Answer } from './node.ts';
import { holderOf } from './reservation.ts';
import {
  addressOf,
  carryOut,
  change,
  deleting,
  emptyNetwork,
  NOW,
  planOf,
  problemsOf,
  runAll,
  sentencesOf,
  settle,
  settledNetwork,
  waitsOf,
} from './settled-network.ts';

describe('keys and sign states', () => {
  test('a key that is reserved elsewhere is refused', () => {
    const first = settledNetwork({ validators: { replicas: 1 } });
    const secret = first.observed.secrets.get('demo-validator-0') as Secret;
    const second = emptyNetwork(
      { validators: { nodes: [{ name: 'twin', keySecret: { name: 'copy' } }] } },
      'elsewhere',
    );
    second.observed.keySecrets.set('copy', { ...secret, metadata: { name: 'copy', namespace: 'elsewhere' } });
    second.observed.reservations = first.observed.reservations;
    expect(problemsOf(second)).toEqual([
      expect.stringMatching(
        /^ValidatorKeyInUse: the validator key of node twin .* is reserved for chain demo-1 by chains\/demo\/validator-0: one key must never sign in two places/,
      ),
    ]);
    expect(sentencesOf(second).filter((sentence) => / (Pod|PersistentVolumeClaim|Lease) /.test(sentence))).toEqual([]);
  });

  test('one key for two nodes is refused', () => {
    const secret = settledNetwork({ validators: { replicas: 1 } }).observed.secrets.get('demo-validator-0') as Secret;
    const nodes = ['a', 'b'].map((name) => ({ name, keySecret: { name: 'key' } }));
    const settled = emptyNetwork({ validators: { nodes } });
    settled.observed.keySecrets.set('key', secret);
    expect(problemsOf(settled)[0]).toMatch(/^ValidatorKeyInUse: node b has the same validator key .* as node a/);
  });

  test('a key Secret that is missing or malformed', () => {
    const settled = emptyNetwork({ validators: { nodes: [{ name: 'a', keySecret: { name: 'key' } }] } });
    expect(problemsOf(settled)).toContain(
      'KeyUnusable: key of node a: Secret key does not exist; create it with the member priv_validator_key.json',
    );
    settled.observed.keySecrets.set('key', { metadata: { name: 'key' }, data: { other: '' } } as never);
    expect(problemsOf(settled)).toContain(
      'KeyUnusable: key of node a: Secret key has no member priv_validator_key.json (found other)',
    );
  });

  test('a lost claim stops its validator until the loss is accepted', () => {
    const settled = settledNetwork();
    settled.observed.claims.delete('demo-validator-0');
    settled.observed.pods.delete('demo-validator-0');
    expect(problemsOf(settled)).toEqual([
      expect.stringMatching(
        /^SignStateLost: claim demo-validator-0 \(uid uid-of-persistentvolumeclaims-demo-validator-0\) is gone .* add uid-of-\S+ to spec\.acceptSignStateLoss$/,
      ),
    ]);
    expect(sentencesOf(settled)).toEqual([]);
    change(settled, { acceptSignStateLoss: ['uid-of-persistentvolumeclaims-demo-validator-0'] });
    expect(problemsOf(settled)).toEqual([]);
    expect(sentencesOf(settled)).toEqual(['create PersistentVolumeClaim demo-validator-0: data of node validator-0']);
  });

  test('a lost key is not made anew', () => {
    const settled = settledNetwork();
    const address = addressOf(settled, 'validator-0');
    settled.observed.secrets.delete('demo-validator-0');
    expect(problemsOf(settled)).toEqual([
      expect.stringContaining(`ValidatorKeyLost: Secret demo-validator-0 with the key of validator ${address} is gone`),
    ]);
    expect(sentencesOf(settled).filter((sentence) => /^(create|replace|delete)/.test(sentence))).toEqual([]);
  });
});

describe('the genesis', () => {
  test('a change of it is refused', () => {
    const settled = change(settledNetwork(), { genesis: { initialHeight: 5 } });
    expect(problemsOf(settled)).toEqual([
      expect.stringMatching(
        /^GenesisChanged: ConfigMap demo-genesis holds the genesis that this network was made with/,
      ),
    ]);
    expect(sentencesOf(settled)).toEqual([]);
  });

  test('one that was deleted is made again only as the same one', () => {
    const settled = settledNetwork();
    const genesis = settled.observed.configMaps.get('demo-genesis') as ConfigMap;
    settled.observed.configMaps.delete('demo-genesis');
    expect(planOf(settled).changes).toMatchObject([{ verb: 'create', object: { data: genesis.data } }]);
    settled.network.metadata.creationTimestamp = '2026-01-01T11:11:11Z';
    expect(problemsOf(settled)).toEqual([
      expect.stringMatching(/^GenesisLost: ConfigMap demo-genesis with the genesis of this network is gone/),
    ]);
    expect(sentencesOf(settled)).toEqual([]);
  });
});

describe('nodes that leave, and the end', () => {
  test('a full node goes; its volume and key are kept, or deleted as the policy says', () => {
    for (const policy of ['Retain', 'Delete'] as const) {
      const settled = settledNetwork({ fullNodes: { replicas: 1 }, deletionPolicy: policy });
      change(settled, { fullNodes: { replicas: 0 } });
      expect(sentencesOf(settled)).toContain('delete Pod demo-full-0: the spec no longer names this node');
      settled.observed.pods.delete('demo-full-0');
      const verb = policy === 'Retain' ? 'patch' : 'delete';
      const words = policy === 'Retain' ? 'it is kept' : 'and deletionPolicy is Delete';
      expect(sentencesOf(settled)).toContainEqual(
        expect.stringMatching(
          `^${verb} PersistentVolumeClaim demo-full-0: the spec no longer names this node[;,] ${words}$`,
        ),
      );
    }
  });

  test('a validator is voted out first', () => {
    const settled = change(settledNetwork({ validators: { replicas: 5 } }), { validators: { replicas: 4 } });
    expect(waitsOf(settled)).toEqual(['removal of validator validator-4: it still has voting power']);
    expect(sentencesOf(settled)).toContain('send transaction to Pod demo-validator-0: validator set: validator-4 out');
    expect(sentencesOf(settled).filter((sentence) => sentence.includes('delete'))).toEqual([]);
  });

  describe('a validator without power', () => {
    const removal = (rising: string[] | undefined, others: string[] | undefined, runs = true) => {
      const settled = change(settledNetwork({ validators: { replicas: 5 }, deletionPolicy: 'Delete' }), {
        validators: { replicas: 4 },
      });
      const leaving = addressOf(settledNetwork({ validators: { replicas: 5 } }), 'validator-4');
      settled.powers.delete('validator-4');
      runAll(settled);
      for (const [uid, reading] of settled.observed.readings) {
        const isFirst = uid === settled.observed.pods.get('demo-validator-0')?.metadata.uid;
        const answer = { ...(reading.answer as Answer), rising: isFirst ? rising : others };
        settled.observed.readings.set(uid, { ...reading, answer });
      }
      if (!runs) settled.observed.pods.delete('demo-validator-4');
      const deletes = sentencesOf(settled).filter((sentence) => /^delete (Pod|PersistentVolumeClaim)/.test(sentence));
      return { waits: waitsOf(settled), deletes, leaving };
    };

    test('goes when no node knows of a transaction that gives it some', () => {
      const deletes = ['delete Pod demo-validator-4: the spec no longer names this node'];
      expect(removal([], [])).toMatchObject({ waits: [], deletes });
      expect(removal(['F'.repeat(40)], [])).toMatchObject({ waits: [], deletes });
    });

    test('stays when one does: it would get its power after it has ended', () => {
      const { leaving } = removal([], []);
      const waits = ['removal of validator validator-4: a transaction that gives it voting power is under way'];
      expect(removal([leaving], [])).toMatchObject({ waits, deletes: [] });
    });

    test('is not deleted with its key either, where somebody has stopped it', () => {
      const { leaving } = removal([], []);
      expect(removal([], [], false).deletes).toHaveLength(1);
      expect(removal([leaving], [], false).deletes).toEqual([]);
    });

    test('stays until every node has been asked', () => {
      const waits = [
        'removal of validator validator-4: the nodes have yet to say whether a transaction that gives it voting power is under way',
      ];
      expect(removal(undefined, [])).toMatchObject({ waits, deletes: [] });
      expect(removal([], undefined)).toMatchObject({ waits, deletes: [] });
    });
  });

  test('what only the application can change is said', () => {
    const settled = change(settledNetwork({ app: { builtin: 'noop' } }), { validators: { replicas: 5 } });
    settle(settled);
    settled.powers.delete('validator-4');
    runAll(settled);
    expect(planOf(settled).validatorSet).toMatchObject({
      reason: 'ValidatorSetFixed',
      message: expect.stringContaining('wanted: validator-4 in with power 10'),
    });
  });

  test('deletion: pods stop, then all is kept or deleted, and the finalizer goes last', () => {
    for (const policy of ['Retain', 'Delete'] as const) {
      const settled = settledNetwork({ validators: { replicas: 1 }, deletionPolicy: policy });
      settled.network.metadata.deletionTimestamp = NOW.toISOString();
      const passes: string[][] = [];
      for (let pass = 0; pass < 6 && settled.network.metadata.finalizers?.length !== 0; pass++) {
        passes.push(sentencesOf(settled).map((sentence) => sentence.replace(/validator-[0-9a-f]{40}/, 'X')));
        carryOut(settled, planOf(settled).changes);
      }
      const why = 'the network is deleted';
      expect(passes).toEqual(
        policy === 'Retain'
          ? [
              [`delete Pod demo-validator-0: ${why}`],
              ['PersistentVolumeClaim demo-validator-0', 'Secret demo-validator-0', 'ConfigMap demo-genesis'].map(
                (name) => `patch ${name}: ${why}; it is kept`,
              ),
              ['patch TendermintNetwork demo: its volumes, keys and genesis are kept for a network of the same name'],
            ]
          : [
              [`delete Pod demo-validator-0: ${why}`],
              ['PersistentVolumeClaim demo-validator-0', 'Secret demo-validator-0', 'ConfigMap demo-genesis'].map(
                (name) => `delete ${name}: ${why}, and deletionPolicy is Delete`,
              ),
              ['delete Lease X: the validator key of demo is free again'],
              ['patch TendermintNetwork demo: everything of it is gone'],
            ],
      );
    }
  });

  test('the key stays reserved while its volume is still there', () => {
    const settled = settledNetwork({ validators: { replicas: 1 }, deletionPolicy: 'Delete' });
    settled.network.metadata.deletionTimestamp = NOW.toISOString();
    settled.observed.pods.clear();
    settled.observed.secrets.clear();
    settled.observed.configMaps.clear();
    deleting(settled.observed.claims, 'demo-validator-0');
    expect(sentencesOf(settled)).toEqual([]);
    expect(waitsOf(settled)).toEqual(['deletion: claims demo-validator-0 are being deleted']);
    expect([...settled.observed.reservations.values()][0]?.spec?.holderIdentity).toBe(
      holderOf(settled.network, 'validator-0'),
    );
  });

  test('a paused network is left alone', () => {
    const settled = change(settledNetwork(), { image: 'cometbft:v2' });
    settled.network.metadata.annotations = { 'nodewright.dev/paused': 'true' };
    expect(sentencesOf(settled)).toEqual([]);
  });
});
