/** For tests: a fleet whose claims are bound to volumes, a node of it whose data is damaged, and what Kubernetes makes of what is written. */
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../kube/objects.ts';
import { formatChange } from '../../reconcile/change.ts';
import type { VolumeSnapshot } from '../volume-snapshot.ts';
import type { CorruptDataRecovery, CosmosFullNodeSpec, CosmosFullNodeStatus } from './schema.ts';
import { carryOut, NOW, planOf, run, type SettledFullNode, settledFullNode, statusOf } from './settled-full-node.ts';

export const DAMAGE = 'application.db: the file CURRENT names no MANIFEST';
export const BROKEN = 'pvc-hub-0-broken-1';

export type Volumes = Map<string, PersistentVolume | 'forbidden' | undefined>;

/** All in sync, every claim bound to a volume that goes with it, nodes that were seen to sign nothing, and one good snapshot. */
export function fleet(
  recovery: CorruptDataRecovery | undefined = {},
  spec: Partial<CosmosFullNodeSpec> = {},
): SettledFullNode {
  const settled = settledFullNode({
    replicas: 2,
    ...(recovery && { selfHeal: { corruptDataRecovery: recovery } }),
    ...spec,
  });
  const volumes: Volumes = new Map();
  settled.observed = {
    ...settled.observed,
    recovery: { volumes, snapshots: [snapshot('yesterday', '2026-01-01T00:00:00Z')] },
  };
  for (const [name, claim] of settled.observed.claims) {
    const volumeName = `volume-of-${name}`;
    const uid = claim.metadata.uid as string;
    setClaim(settled, { ...claim, spec: { ...claim.spec, volumeName }, status: { phase: 'Bound' } });
    noteSigner(settled, name, 'none');
    volumes.set(volumeName, {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: volumeName, uid: `uid-of-${volumeName}`, resourceVersion: '7' },
      spec: {
        capacity: { storage: '10Gi' },
        persistentVolumeReclaimPolicy: 'Delete',
        storageClassName: 'fast',
        claimRef: { namespace: 'chains', name, uid },
      },
      status: { phase: 'Bound' },
    });
  }
  return settled;
}

export function snapshot(name: string, creationTime: string, verified?: string): VolumeSnapshot {
  return {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshot',
    metadata: { name, ...(verified === undefined ? {} : { labels: { 'nodewright.dev/verified': verified } }) },
    status: { creationTime, readyToUse: true, restoreSize: '8Gi' },
  };
}

export function setClaim({ observed }: SettledFullNode, claim: PersistentVolumeClaim): void {
  (observed.claims as Map<string, PersistentVolumeClaim>).set(claim.metadata.name, claim);
}

/** What is noted on a claim of whom its node signs for. */
export function noteSigner(settled: SettledFullNode, claimName: string, signsFor: string | undefined): void {
  const claim = settled.observed.claims.get(claimName) as PersistentVolumeClaim;
  const { [SIGNS_FOR]: _before, ...others } = claim.metadata.annotations ?? {};
  const annotations = { ...others, ...(signsFor === undefined ? {} : { [SIGNS_FOR]: signsFor }) };
  setClaim(settled, { ...claim, metadata: { ...claim.metadata, annotations } });
}

const SIGNS_FOR = 'nodewright.dev/signs-for';

export type Failure = {
  restarts?: number;
  exitCode?: number;
  reason?: string;
  waiting?: string;
  broken?: string | undefined;
  ageMs?: number;
  restartsAtAnswer?: number;
};

/** Its node fails at every start, and the agent says that a database is damaged. */
export function fail(settled: SettledFullNode, name = 'hub-0', failure: Failure = {}): void {
  const { restarts = 5, exitCode = 1, reason = 'Error', waiting = 'CrashLoopBackOff', ageMs = 0 } = failure;
  const { broken, restartsAtAnswer = 0 } = { broken: DAMAGE, ...failure };
  const at = NOW.getTime() - ageMs;
  run(settled, name, { error: 'ECONNREFUSED', databases: { at, broken }, restartsAtAnswer });
  const pod = settled.observed.pods.get(name) as Pod;
  const lastState = { terminated: { exitCode, reason } };
  const status = { name: 'node', restartCount: restarts, state: { waiting: { reason: waiting } }, lastState };
  setPodStatus(settled, pod, { containerStatuses: [status] });
}

export function setPodStatus({ observed }: SettledFullNode, pod: Pod, status: object): void {
  const changed = { ...pod, status: { ...pod.status, ...status } } as unknown as Pod;
  (observed.pods as Map<string, Pod>).set(pod.metadata.name, changed);
}

/** One pass, with what it writes, and what Kubernetes makes of it. */
export function pass(settled: SettledFullNode): string[] {
  const { changes } = planOf(settled);
  const sentences = changes.map(formatChange);
  settled.fullNode.status = statusOf(settled) as CosmosFullNodeStatus;
  carryOut(settled, changes);
  const volumes = settled.observed.recovery.volumes as Volumes;
  for (const change of changes) {
    const volume = volumes.get(change.key.name);
    if (change.type.kind !== 'PersistentVolume' || change.verb !== 'patch' || typeof volume !== 'object') continue;
    const patch = change.patch as { metadata: object; spec: object };
    volumes.set(change.key.name, { ...volume, spec: { ...volume.spec, ...patch.spec } });
  }
  const uids = new Set([...settled.observed.claims.values()].map(({ metadata }) => metadata.uid));
  for (const [name, volume] of volumes) {
    if (typeof volume !== 'object') continue;
    const phase = uids.has(volume.spec?.claimRef?.uid) ? 'Bound' : 'Released';
    volumes.set(name, { ...volume, status: { ...volume.status, phase } });
  }
  for (const claim of settled.observed.claims.values()) {
    const volume = volumes.get(claim.spec?.volumeName ?? '');
    const isBound = typeof volume === 'object' && volume.spec?.claimRef?.uid === claim.metadata.uid;
    if (isBound) setClaim(settled, { ...claim, status: { phase: 'Bound' } });
  }
  return sentences;
}

export const verbs = (sentences: string[]) => sentences.map((line) => line.slice(0, line.indexOf(':')));

/** What a recovery writes, pass by pass, after the first `skip` passes. */
export const STEPS = [
  'patch PersistentVolume volume-of-pvc-hub-0',
  `create PersistentVolumeClaim ${BROKEN}`,
  'replace Pod hub-0',
  'delete PersistentVolumeClaim pvc-hub-0',
  'patch PersistentVolume volume-of-pvc-hub-0',
  'create PersistentVolumeClaim pvc-hub-0',
];

export function failed(recovery?: CorruptDataRecovery, passes = 0): SettledFullNode {
  const settled = fleet(recovery);
  fail(settled);
  for (let count = 0; count < passes; count++) renew(settled, pass(settled));
  return settled;
}

/** Objects of a name that was there before have a uid of their own. */
export function renew(settled: SettledFullNode, sentences: string[]): string[] {
  if (verbs(sentences).includes('create PersistentVolumeClaim pvc-hub-0')) {
    const claim = settled.observed.claims.get('pvc-hub-0') as PersistentVolumeClaim;
    setClaim(settled, { ...claim, metadata: { ...claim.metadata, uid: 'uid-of-the-next' } });
  }
  return sentences;
}
