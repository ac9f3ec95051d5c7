/** For tests: a ScheduledVolumeSnapshot that verifies a snapshot, and the throw-away node for it. */
import { foldReading } from '../../comet-node/reading.ts';
import { toWireTime } from '../../reconcile/conditions.ts';
import { createRig, type Rig, setSnapshot, settle } from './rig.ts';

export const NAME = 'my-snapshot-202209010203';
export const TRIAL = `${NAME}-verify`;
export const READY = { readyToUse: true, creationTime: '2022-09-01T02:03:05Z', restoreSize: '20Gi' };

export const at = (rig: Rig, time: string) => {
  rig.now = new Date(`2022-09-01T${time}Z`);
};
export const markOf = (rig: Rig, name = NAME) => {
  const { labels, annotations } = rig.snapshots?.get(name)?.metadata ?? {};
  return [labels?.['nodewright.dev/verified'], annotations?.['nodewright.dev/verification']];
};
export const verified = ({ resource }: Rig) => resource.status?.conditions?.find(({ type }) => type === 'Verified');
export const trials = ({ trialPods, trialClaims }: Rig) => [...trialPods.keys(), ...trialClaims.keys()];

/** At 02:04, with a snapshot that is ready. */
export function rigWithSnapshot(spec: Partial<Rig['resource']['spec']> = {}): Rig {
  const rig = createRig({ verify: true, ...spec });
  settle(rig);
  at(rig, '02:03:00');
  settle(rig);
  at(rig, '02:04:00');
  setSnapshot(rig, NAME, READY);
  return rig;
}

/** With a throw-away node that has just been made. */
export function rigWithTrial(spec: Partial<Rig['resource']['spec']> = {}): Rig {
  const rig = rigWithSnapshot(spec);
  settle(rig);
  if (trials(rig).length !== 2) throw new Error(`no throw-away node: ${trials(rig)}`);
  return rig;
}

type TrialState = {
  /** What the node answers; otherwise `error`. */
  height?: number;
  peers?: number;
  error?: string;
  /** How often its process has ended, and why. */
  ends?: number;
  reason?: string;
  ready?: boolean;
  phase?: string;
};

/** What kubelet and node say of the throw-away node. */
export function runTrial(
  rig: Rig,
  { height, peers = 3, error, ends = 0, reason, ready = false, phase = 'Running' }: TrialState,
): void {
  const [pod] = rig.trialPods.values();
  if (pod === undefined) throw new Error('there is no throw-away node');
  const ended = { exitCode: 1, ...(reason === undefined ? {} : { reason }) };
  const state =
    ends > 0 ? { waiting: { reason: 'CrashLoopBackOff' } } : { running: { startedAt: toWireTime(rig.now) } };
  pod.status = {
    phase,
    podIP: '10.0.0.1',
    startTime: '2022-09-01T02:00:00Z',
    conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    containerStatuses: [
      {
        ...{ name: 'node', image: 'x', imageID: 'x', ready, restartCount: ends, state },
        ...(ends > 0 ? { lastState: { terminated: ended } } : {}),
      },
    ],
  };
  const uid = pod.metadata.uid ?? '';
  const status = { latestHeight: height ?? 0, latestBlockTime: '2022-09-01T02:00:00Z', catchingUp: false };
  const answer = height === undefined ? new Error(error ?? 'connect ECONNREFUSED') : { status, peers };
  const options = { stallAfterMs: 120_000, trustBlockTime: false };
  rig.readings.set(uid, foldReading(rig.readings.get(uid), answer, rig.now.getTime(), options));
}
