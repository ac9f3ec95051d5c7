/** What a validator has signed: in its first pod already, on an empty volume, and where its key outlives its network. */
import { describe, expect, test } from 'vitest';
import type { Lease, PersistentVolumeClaim, Pod, Secret } from '../../kube/objects.ts';
import { ANNOTATION_RAN } from './desired/pod.ts';
import { ANNOTATION_SIGN_STATE, ANNOTATION_VALIDATOR } from './reservation.ts';
import {
  addressOf,
  carryOut,
  change,
  emptyNetwork,
  NOW,
  planOf,
  problemsOf,
  run,
  type SettledNetwork,
  sentencesOf,
  settle,
  settledNetwork,
  waitsOf,
} from './settled-network.ts';

const NODE = 'demo-validator-0';
const podOf = ({ observed }: SettledNetwork) => observed.pods.get(NODE);
const claimOf = ({ observed }: SettledNetwork) => observed.claims.get(NODE) as PersistentVolumeClaim;
const ranOf = (object: Pod | PersistentVolumeClaim | undefined) => object?.metadata.annotations?.[ANNOTATION_RAN];

function pass(settled: SettledNetwork): string[] {
  const sentences = sentencesOf(settled).filter((sentence) => sentence.includes(NODE));
  carryOut(settled, planOf(settled).changes);
  return sentences;
}

/** Its machine has come back with an empty disk: the init step of the same pod refuses. */
function refuse(settled: SettledNetwork): void {
  const waiting = { reason: 'CrashLoopBackOff', message: 'back-off' };
  const status = {
    phase: 'Pending',
    initContainerStatuses: [{ name: 'init-home', state: { waiting } }],
    containerStatuses: [{ name: 'node', state: { waiting: { reason: 'PodInitializing' } }, restartCount: 1 }],
  };
  const pod = podOf(settled) as Pod;
  settled.observed.pods.set(NODE, { ...pod, status } as unknown as Pod);
  settled.observed.readings.delete(pod.metadata.uid as string);
}

/** A pod that was made anew has another uid. */
function renew(settled: SettledNetwork, uid: string): void {
  const pod = podOf(settled) as Pod;
  settled.observed.pods.set(NODE, { ...pod, metadata: { ...pod.metadata, uid } });
}

describe('a claim on which its validator has run', () => {
  test('the first pod learns in place that its process has started', () => {
    const settled = emptyNetwork();
    while (podOf(settled) === undefined) carryOut(settled, planOf(settled).changes);
    expect(ranOf(podOf(settled))).toBeUndefined();
    settled.powers.set('validator-0', 10n);
    run(settled, NODE);
    expect(pass(settled)).toEqual([`patch PersistentVolumeClaim ${NODE}: remember that the validator has run on it`]);
    const { uid } = (podOf(settled) as Pod).metadata;
    expect(ranOf(claimOf(settled))).toBe(uid);
    expect(pass(settled)).toEqual([
      expect.stringMatching(`^patch Pod ${NODE}: annotations.*${ANNOTATION_RAN}.* → ${uid}$`),
    ]);
    expect(ranOf(podOf(settled))).toBe(uid);
    expect(pass(settled)).toEqual([]);
  });

  test('an acceptance is good for one start', () => {
    const settled = settledNetwork();
    const first = ranOf(claimOf(settled)) as string;
    refuse(settled);
    expect(sentencesOf(settled)).toEqual([]);
    change(settled, { acceptSignStateLoss: [first] });
    expect(pass(settled)).toEqual([
      `replace Pod ${NODE}: its lost sign state is given up, as spec.acceptSignStateLoss says; it is down already`,
    ]);
    pass(settled);
    expect(ranOf(podOf(settled))).toBeUndefined();
    renew(settled, 'second');
    expect(sentencesOf(settled)).toEqual([]);
    run(settled, NODE);
    settle(settled);
    expect(ranOf(claimOf(settled))).toBe('second');
    expect(ranOf(podOf(settled))).toBe('second');
    refuse(settled);
    expect(sentencesOf(settled)).toEqual([]);
  });

  test('what the refusing pod did before does not use the acceptance up', () => {
    const settled = settledNetwork();
    const first = ranOf(claimOf(settled)) as string;
    renew(settled, 'second');
    refuse(settled);
    change(settled, { acceptSignStateLoss: [first] });
    expect(pass(settled)).toEqual([expect.stringContaining(`replace Pod ${NODE}`)]);
    expect(ranOf(claimOf(settled))).toBe(first);
  });

  test('an acceptance that nobody needs is gone at once', () => {
    const settled = settledNetwork();
    const first = ranOf(claimOf(settled)) as string;
    renew(settled, 'second');
    run(settled, NODE);
    change(settled, { acceptSignStateLoss: [first] });
    settle(settled);
    expect(ranOf(claimOf(settled))).toBe('second');
    expect(ranOf(podOf(settled))).toBe('second');
  });

  test('neither acceptance stands for the other', () => {
    const settled = change(settledNetwork(), {
      acceptSignStateLoss: [claimOf(settledNetwork()).metadata.uid as string],
    });
    refuse(settled);
    expect(sentencesOf(settled)).toEqual([]);
    change(settled, { acceptSignStateLoss: [ranOf(claimOf(settled)) as string] });
    settled.observed.pods.delete(NODE);
    settled.observed.claims.delete(NODE);
    expect(problemsOf(settled)).toEqual([expect.stringMatching(/^SignStateLost: /)]);
  });
});

describe('a claim that somebody made or restored', () => {
  const withoutAnnotations = (settled: SettledNetwork) => {
    const { metadata, ...claim } = claimOf(settled);
    settled.observed.claims.set(NODE, { ...claim, metadata: { ...metadata, annotations: {} } });
    return settled;
  };

  test('is told whose sign state it holds', () => {
    const settled = withoutAnnotations(settledNetwork());
    settle(settled);
    expect(claimOf(settled).metadata.annotations?.[ANNOTATION_VALIDATOR]).toBe(addressOf(settled, 'validator-0'));
  });

  test('its validator is voted out before it goes, as the reservation remembers who it is', () => {
    const settled = withoutAnnotations(settledNetwork());
    change(settled, { validators: { nodes: [1, 2, 3].map((index) => ({ name: `validator-${index}` })) } });
    expect(waitsOf(settled)).toEqual(['removal of validator validator-0: it still has voting power']);
    expect(sentencesOf(settled).filter((sentence) => sentence.startsWith('delete Pod'))).toEqual([]);
  });
});

describe('a key that the user brought', () => {
  const validators = { nodes: [{ name: 'validator-0', keySecret: { name: 'brought' } }] };
  const more = [1, 2, 3].map((index) => ({ name: `validator-${index}` }));
  const leaseOf = ({ observed }: SettledNetwork) => [...observed.reservations.values()][0] as Lease;

  function bring(settled: SettledNetwork): SettledNetwork {
    const donor = settledNetwork({ validators: { replicas: 1 } }, 'donor').observed.secrets.get(NODE) as Secret;
    settled.observed.keySecrets.set('brought', { ...donor, metadata: { name: 'brought', namespace: 'chains' } });
    settle(settled);
    return settled;
  }

  test('that is changed in its Secret is given no power, and the node stays the validator that it is', () => {
    const settled = bring(emptyNetwork({ validators: { nodes: [...validators.nodes, ...more] } }));
    const address = addressOf(settled, 'validator-0');
    const other = settledNetwork({ validators: { replicas: 1 } }, 'other').observed.secrets.get(NODE) as Secret;
    settled.observed.keySecrets.set('brought', { ...other, metadata: { name: 'brought', namespace: 'chains' } });
    const plan = planOf(settled);
    expect(plan.problems.map(({ reason }) => reason)).toEqual(['ValidatorKeyChanged']);
    expect(plan.changes).toEqual([]);
    expect(plan.chain.voting.has(address)).toBe(true);
  });

  /** The Lease that is left when a network with the key was deleted, with all that was its own. */
  function leaveBehind(): { lease: Lease; claimUid: string } {
    const settled = bring(emptyNetwork({ validators, deletionPolicy: 'Delete' }));
    const claimUid = claimOf(settled).metadata.uid as string;
    settled.network.metadata.deletionTimestamp = NOW.toISOString();
    for (let count = 0; count < 8 && settled.network.metadata.finalizers?.length !== 0; count++)
      carryOut(settled, planOf(settled).changes);
    expect(settled.network.metadata.finalizers).toEqual([]);
    return { lease: leaseOf(settled), claimUid };
  }

  test('outlives its network with deletionPolicy Delete: its Lease has no holder any more, but the sign state', () => {
    const { lease, claimUid } = leaveBehind();
    expect(lease.spec?.holderIdentity).toBeUndefined();
    expect(lease.metadata.annotations).toMatchObject({
      'nodewright.dev/key-secret': 'brought',
      [ANNOTATION_SIGN_STATE]: claimUid,
    });
  });

  test('is not taken where its sign state is lost, until that is accepted', () => {
    const { lease, claimUid } = leaveBehind();
    const settled = emptyNetwork({ validators }, 'elsewhere');
    const { spec, metadata } = lease;
    const left = { ...lease, spec: { ...spec }, metadata: { ...metadata, uid: 'lease', resourceVersion: '7' } };
    settled.observed.reservations.set(metadata.name, left as Lease);
    const donor = settledNetwork({ validators: { replicas: 1 } }, 'donor').observed.secrets.get(NODE) as Secret;
    settled.observed.keySecrets.set('brought', { ...donor, metadata: { name: 'brought', namespace: 'elsewhere' } });
    expect(problemsOf(settled)).toEqual([expect.stringContaining(`add ${claimUid} to spec.acceptSignStateLoss`)]);
    expect(sentencesOf(settled).filter((sentence) => / (Pod|PersistentVolumeClaim|Lease) /.test(sentence))).toEqual([]);

    change(settled, { acceptSignStateLoss: [claimUid] });
    const { changes } = planOf(settled);
    expect(changes).toContainEqual(
      expect.objectContaining({
        verb: 'patch',
        key: expect.objectContaining({ name: metadata.name }),
        patch: {
          metadata: { uid: 'lease', resourceVersion: '7' },
          spec: { holderIdentity: 'elsewhere/demo/validator-0' },
        },
      }),
    );
    expect(changes.filter(({ type }) => ['Pod', 'PersistentVolumeClaim'].includes(type.kind))).toEqual([]);
    settled.observed.reservations.set(metadata.name, {
      ...left,
      spec: { holderIdentity: 'elsewhere/demo/validator-0' },
    } as Lease);
    const claim = `create PersistentVolumeClaim ${NODE}: data of node validator-0`;
    expect(sentencesOf(settled)).toContain(claim);
    expect(sentencesOf(settled).filter((sentence) => sentence.includes(' Pod '))).toEqual([]);
    settle(settled);
    expect(podOf(settled)).toBeDefined();
    expect(leaseOf(settled).metadata.annotations?.[ANNOTATION_SIGN_STATE]).toBe(claimOf(settled).metadata.uid);
  });
});
