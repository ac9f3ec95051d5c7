import { describe, expect, test } from 'vitest';
import type { KubeObject, PersistentVolume, PersistentVolumeClaim, Pod } from '../../kube/objects.ts';
import type { VolumeSnapshot } from '../volume-snapshot.ts';
import {
  BROKEN,
  DAMAGE,
  fail,
  failed,
  fleet,
  noteSigner,
  pass,
  renew,
  STEPS,
  setClaim,
  snapshot,
  type Volumes,
  verbs,
} from './broken-full-node.ts';
import type { Reading } from './node.ts';
import type { CorruptDataRecovery, CosmosFullNodeSpec } from './schema.ts';
import { atHeight, NOW, run, type SettledFullNode, sentencesOf, statusOf } from './settled-full-node.ts';

const corruptData = (settled: SettledFullNode) =>
  statusOf(settled).conditions?.find(({ type }) => type === 'CorruptData');
test('a recovery, step by step: the old volume is kept, and the new one made from the snapshot', () => {
  const settled = failed();
  const steps: string[][] = [];
  for (let count = 0; count < STEPS.length; count++) {
    expect(corruptData(settled)).toMatchObject({ status: 'True', reason: 'Recovering' });
    steps.push(verbs(renew(settled, pass(settled))));
  }
  expect(steps).toEqual(STEPS.map((step) => [step]));
  const volume = settled.observed.recovery.volumes.get('volume-of-pvc-hub-0') as PersistentVolume;
  expect(volume.spec).toMatchObject({
    persistentVolumeReclaimPolicy: 'Retain',
    claimRef: { name: BROKEN, uid: `uid-of-persistentvolumeclaims-${BROKEN}` },
  });
  const broken = settled.observed.claims.get(BROKEN);
  expect(broken?.spec).toMatchObject({ volumeName: volume.metadata.name, storageClassName: 'fast' });
  expect(broken?.metadata.ownerReferences).toBeUndefined();
  expect(settled.observed.claims.get('pvc-hub-0')?.spec).toMatchObject({
    dataSource: { kind: 'VolumeSnapshot', name: 'yesterday' },
    resources: { requests: { storage: '8Gi' } },
  });
  expect(verbs(pass(settled))).toEqual([`patch PersistentVolumeClaim ${BROKEN}`, 'create Pod hub-0']);
  run(settled, 'hub-0', atHeight(90));
  expect(pass(settled)).toEqual([`patch PersistentVolumeClaim ${BROKEN}: the node answers on its new volume`]);
  expect([pass(settled), corruptData(settled)]).toEqual([[], undefined]);
  expect(settled.observed.claims.has(BROKEN)).toBe(true);
});

describe('nothing is touched', () => {
  const setVolume = (settled: SettledFullNode, volume: 'forbidden' | undefined) =>
    (settled.observed.recovery.volumes as Volumes).set('volume-of-pvc-hub-0', volume);
  const setSnapshots = (settled: SettledFullNode, snapshots: VolumeSnapshot[] | undefined) => {
    settled.observed = { ...settled.observed, recovery: { ...settled.observed.recovery, snapshots } };
  };
  const addPod = (settled: SettledFullNode) =>
    (settled.observed.pods as Map<string, KubeObject>).set('side-0', {
      ...(settled.observed.pods.get('hub-0') as Pod),
      metadata: { name: 'side-0', deletionTimestamp: 'now' },
    });

  test.each<[string, (settled: SettledFullNode) => void]>([
    ['NoSnapshot', (settled) => setSnapshots(settled, [])],
    ['NoSnapshot', (settled) => setSnapshots(settled, undefined)],
    ['NoSnapshot', (settled) => setSnapshots(settled, [snapshot('bad', '2026-01-01T00:00:00Z', 'false')])],
    [
      'NoSnapshot',
      (settled) => {
        noteSigner(settled, 'pvc-hub-1', 'F'.repeat(40));
        const ofSigner = { source: { persistentVolumeClaimName: 'pvc-hub-1' } };
        setSnapshots(settled, [{ ...snapshot('other', '2026-01-01T00:00:00Z'), spec: ofSigner }]);
      },
    ],
    ['Forbidden', (settled) => setVolume(settled, 'forbidden')],
    ['VolumeUnknown', (settled) => setVolume(settled, undefined)],
    ['ClaimInUse', addPod],
    ['ValidatorKey', ({ fullNode }) => (fullNode.spec.chain.config = { overrides: 'priv_validator_key_file = "a"' })],
  ])('%s', (reason, prepare) => {
    const settled = failed();
    prepare(settled);
    const touched = sentencesOf(settled).filter((line) => /PersistentVolume|delete Pod|restored from/.test(line));
    expect([touched, corruptData(settled)?.reason]).toEqual([[], reason]);
  });

  test('while it is paused', () => {
    const settled = failed();
    settled.fullNode.metadata.annotations = { 'nodewright.dev/paused': 'true' };
    expect(sentencesOf(settled)).toEqual([]);
  });

  test('of more than one at a time, and of none before the last one answers', () => {
    const settled = failed();
    fail(settled, 'hub-1');
    for (const step of STEPS) expect(verbs(renew(settled, pass(settled)))).toEqual([step]);
    pass(settled);
    expect([pass(settled), corruptData(settled)?.message]).toEqual([
      [],
      `hub-1: a database cannot be opened (${DAMAGE}): hub-0, which was recovered before, has to answer first`,
    ]);
    run(settled, 'hub-0', atHeight(90));
    pass(settled);
    expect(verbs(sentencesOf(settled))).toEqual(['patch PersistentVolume volume-of-pvc-hub-1']);
    // From then on it is like any other, whatever becomes of it.
    fail(settled, 'hub-0');
    expect(corruptData(settled)?.message).toContain(
      'hub-1: a database cannot be opened (application.db: the file CURRENT names no MANIFEST): it is recovered',
    );
  });

  test.each<[string, CorruptDataRecovery]>([
    ['LimitReached', { limit: 1 }],
    ['NoSnapshot', {}],
  ])('once more, by the only snapshot: %s', (reason, recovery) => {
    const settled = failed(recovery, STEPS.length + 1);
    fail(settled);
    expect(corruptData(settled)?.reason).toBe('ValidatorKey');
    noteSigner(settled, 'pvc-hub-0', 'none');
    expect(corruptData(settled)?.reason).toBe(reason);
  });
});

describe('a node that signs', () => {
  const says = (signsFor: string, catchingUp = false): Partial<Reading> => {
    const { answer } = atHeight(100);
    return { answer: answer && { ...answer, signsFor, status: { ...answer.status, catchingUp } } };
  };
  const signing = (spec: Partial<CosmosFullNodeSpec> = {}, recovery: CorruptDataRecovery = {}) => {
    const settled = fleet(recovery, spec);
    run(settled, 'hub-0', says('ABCD'));
    return settled;
  };
  const NOTED = ['patch PersistentVolumeClaim pvc-hub-0'];

  test('is noted once, and not recovered', () => {
    const settled = signing();
    expect(verbs(pass(settled))).toEqual(NOTED);
    expect(pass(settled)).toEqual([]);
    fail(settled);
    expect([sentencesOf(settled), corruptData(settled)?.reason]).toEqual([[], 'ValidatorKey']);
    expect(corruptData(settled)?.message).toContain('it was seen to sign for validator ABCD');
  });

  test('stays noted when it has no power for a while', () => {
    const settled = signing();
    pass(settled);
    run(settled, 'hub-0', says('none'));
    expect(pass(settled)).toEqual([]);
    fail(settled);
    expect(corruptData(settled)?.reason).toBe('ValidatorKey');
  });

  test.each<[string, Partial<CosmosFullNodeSpec>, CorruptDataRecovery]>([
    ['is recovered where the spec says so', {}, { acceptSignStateLoss: true }],
    ['with a signer elsewhere has no key to lose', { type: 'Sentry' }, {}],
  ])('%s', (_name, spec, recovery) => {
    const settled = signing(spec, recovery);
    pass(settled);
    fail(settled);
    expect(verbs(sentencesOf(settled))).toEqual([STEPS[0]]);
  });

  test('nobody knows, as recovery was asked for only when it could say nothing more: it is not touched', () => {
    const settled = failed();
    noteSigner(settled, 'pvc-hub-0', undefined);
    expect([sentencesOf(settled), corruptData(settled)?.reason]).toEqual([[], 'ValidatorKey']);
    expect(corruptData(settled)?.message).toContain(
      'kubectl annotate persistentvolumeclaim pvc-hub-0 --namespace chains nodewright.dev/signs-for=none',
    );
    noteSigner(settled, 'pvc-hub-0', 'none');
    expect(verbs(sentencesOf(settled))).toEqual([STEPS[0]]);
    noteSigner(settled, 'pvc-hub-0', undefined);
    settled.fullNode.spec.selfHeal = { corruptDataRecovery: { acceptSignStateLoss: true } };
    expect(verbs(sentencesOf(settled))).toEqual([STEPS[0]]);
  });

  test.each<[string, CorruptDataRecovery | undefined]>([
    ['with recovery', {}],
    ['before anybody asks for recovery', undefined],
  ])('or not: that is noted once too, %s', (_name, recovery) => {
    const settled = fleet(recovery);
    if (recovery === undefined) delete settled.fullNode.spec.selfHeal;
    noteSigner(settled, 'pvc-hub-0', undefined);
    // In the past of the chain a validator has no power either.
    run(settled, 'hub-0', says('none', true));
    expect(pass(settled)).toEqual([]);
    run(settled, 'hub-0', says('none'));
    expect(verbs(pass(settled))).toEqual(NOTED);
    expect(pass(settled)).toEqual([]);
    settled.fullNode.spec.selfHeal = { corruptDataRecovery: {} };
    fail(settled);
    expect(verbs(sentencesOf(settled))).toEqual([STEPS[0]]);
  });

  test('what was seen of its own key is not known any more after a time as a sentry', () => {
    const settled = fleet();
    settled.fullNode.spec.type = 'Sentry';
    const forgotten = 'patch PersistentVolumeClaim pvc-hub-0: whom its node may sign for one day is not known';
    expect(sentencesOf(settled)).toContain(forgotten);
    noteSigner(settled, 'pvc-hub-0', undefined);
    expect(sentencesOf(settled)).not.toContain(forgotten);
  });
});

describe('a recovery that is disturbed', () => {
  test('the node answers again: it is called off', () => {
    const settled = failed({}, 2);
    run(settled, 'hub-0', atHeight(100));
    expect(pass(settled)).toEqual([
      `delete PersistentVolumeClaim ${BROKEN}: its node answers again, and is not recovered`,
    ]);
    expect([pass(settled), settled.observed.claims.has('pvc-hub-0')]).toEqual([[], true]);
  });

  test.each([2, 3])('the wish is taken back after %d steps: it is called off, and the pod comes back', (passes) => {
    const settled = failed({}, passes);
    delete settled.fullNode.spec.selfHeal;
    expect(verbs(pass(settled))).toEqual([`delete PersistentVolumeClaim ${BROKEN}`]);
    expect(verbs(sentencesOf(settled))).toEqual(passes === 2 ? [] : ['create Pod hub-0']);
  });

  test('the wish is taken back when the old claim is gone: it goes on', () => {
    const settled = failed({}, 4);
    delete settled.fullNode.spec.selfHeal;
    expect(verbs(pass(settled))).toEqual([STEPS[4]]);
  });

  test('the snapshot is gone: another is taken, and without any no empty claim is made', () => {
    const settled = failed({}, 5);
    const withSnapshots = (snapshots: VolumeSnapshot[]) => {
      settled.observed = { ...settled.observed, recovery: { ...settled.observed.recovery, snapshots } };
      return sentencesOf(settled);
    };
    expect(withSnapshots([])).toEqual([]);
    expect(corruptData(settled)?.message).toContain('VolumeSnapshot yesterday is gone');
    expect(withSnapshots([snapshot('today', '2026-01-02T00:00:00Z')])).toEqual([
      'create PersistentVolumeClaim pvc-hub-0: data of hub-0, recovered from VolumeSnapshot today',
    ]);
  });

  test('the volume is no longer kept: its claim does not go', () => {
    const settled = failed({}, 3);
    const volumes = settled.observed.recovery.volumes as Volumes;
    const volume = volumes.get('volume-of-pvc-hub-0') as PersistentVolume;
    volumes.set(volume.metadata.name, { ...volume, spec: { ...volume.spec, persistentVolumeReclaimPolicy: 'Delete' } });
    expect(sentencesOf(settled)).toEqual([]);
  });

  test('the rights are gone: it stands still, and says so', () => {
    const settled = failed({}, 4);
    (settled.observed.recovery.volumes as Volumes).set('volume-of-pvc-hub-0', 'forbidden');
    expect([sentencesOf(settled), corruptData(settled)?.message]).toEqual([
      [],
      'hub-0: its recovery stands still: the operator may not read PersistentVolume volume-of-pvc-hub-0',
    ]);
  });

  test('the old claim has lost its labels, and is not seen: its volume is not taken from it', () => {
    const settled = failed({}, 3);
    const old = settled.observed.claims.get('pvc-hub-0') as PersistentVolumeClaim;
    (settled.observed.claims as Map<string, PersistentVolumeClaim>).delete('pvc-hub-0');
    expect([sentencesOf(settled), corruptData(settled)?.message]).toEqual([
      [],
      'hub-0: PersistentVolume volume-of-pvc-hub-0 is not released yet by claim pvc-hub-0, which has to be gone first',
    ]);
    setClaim(settled, old);
    expect(verbs(pass(settled))).toEqual([STEPS[3]]);
    expect(verbs(pass(settled))).toEqual([STEPS[4]]);
  });

  test('the old claim still goes: nothing is made before', () => {
    const settled = failed({}, 3);
    const claim = settled.observed.claims.get('pvc-hub-0') as PersistentVolumeClaim;
    setClaim(settled, { ...claim, metadata: { ...claim.metadata, deletionTimestamp: NOW.toISOString() } });
    expect(sentencesOf(settled)).toEqual([]);
  });

  test('the instance is no longer wanted: its old volume is kept all the same', () => {
    const settled = failed({}, 4);
    settled.fullNode.spec.instanceOverrides = { 'hub-0': { disable: 'All' } };
    expect([verbs(pass(settled)), verbs(pass(settled)), pass(settled)]).toEqual([
      [STEPS[4]],
      [`patch PersistentVolumeClaim ${BROKEN}`],
      [],
    ]);
  });
});

test('a snapshot that a node was started on is taken rather than a newer one', () => {
  const settled = failed();
  const snapshots = [snapshot('newer', '2026-01-02T00:00:00Z'), snapshot('older', '2026-01-01T00:00:00Z', 'true')];
  settled.observed = { ...settled.observed, recovery: { ...settled.observed.recovery, snapshots } };
  expect(corruptData(settled)?.message).toContain('it is recovered from VolumeSnapshot older');
});
