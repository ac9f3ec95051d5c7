/**
 * The Secret with a voter's key files. The root key of each file is thrown away when it is made, so a file that is lost can't be made
 * again: the first comes with the Secret, every further one is added by a patch, which the API server refuses when somebody has written the
 * Secret since.
 */
import { generateKeyPair } from '../../../formats/ed25519.ts';
import type { NetworkPackage } from '../../../formats/symbol-network-package.ts';
import {
  type EpochRange,
  epochOf,
  makeVotingKeyFile,
  nextEpochs,
  readVotingKeyHeader,
  type VotingKeyHeader,
} from '../../../formats/symbol-voting-keys.ts';
import type { Secret } from '../../../kube/objects.ts';
import { SECRETS } from '../../../kube/resource-types.ts';
import type { Change } from '../../../reconcile/change.ts';
import type { Desired } from '../../../reconcile/diff.ts';
import { isProblem, orProblem, type Problem } from '../../problem.ts';
import { toData } from '../identities.ts';
import type { Observed } from '../observe.ts';
import type { SymbolNode } from '../schema.ts';
import { epochsToFill } from '../watch/voting-keys.ts';
import { ANNOTATION_REQUEST, buildSecret, patchKeySecret } from './key-secrets.ts';

const FILE = /^private_key_tree(\d+)\.dat$/;
const DAY_SECONDS = 86_400;

export type VotingKey = VotingKeyHeader & { file: string };

export type VotingPlan = {
  /** What the node has, by first epoch. */
  keys: VotingKey[];
  desired: Desired[];
  changes: Change[];
  problems: Problem[];
};

/** The epoch that is being voted on; undefined while no height is known. */
export function currentEpoch(finalizedHeight: number | undefined, { settings }: NetworkPackage): number | undefined {
  return finalizedHeight === undefined ? undefined : epochOf(finalizedHeight, settings.voting.grouping);
}

/**
 * @param at `epoch` is the current one, undefined where nobody could tell; `surelyAt` the one that the node itself has come to, too: only
 * what has ended by then is taken away
 */
export function planVotingKeys(
  resource: SymbolNode,
  observed: Observed,
  content: NetworkPackage,
  { epoch, surelyAt }: { epoch: number | undefined; surelyAt: number },
  random: (size: number) => Uint8Array,
): VotingPlan {
  const { names, settings, secrets, userSecrets } = observed;
  const nothing: VotingPlan = { keys: [], desired: [], changes: [], problems: [] };
  if (!settings.features.has('VOTER')) return nothing;
  const request = resource.spec.requests?.renewVotingKeys;
  const live = secrets.get(names.votingKeys);
  if (live === undefined) {
    const imported = userSecrets.get(resource.spec.import?.secretName ?? '');
    const files = readFiles(imported);
    if (Object.keys(files).length === 0) {
      if (epoch === undefined) return { ...nothing, problems: [HEIGHT_UNKNOWN] };
      files['private_key_tree1.dat'] = makeFile(epochsBehind(content, [], epoch), random);
    }
    const annotations = request === undefined ? {} : { [ANNOTATION_REQUEST]: request.id };
    const object = buildSecret(resource, observed, names.votingKeys, files, !settings.retain, annotations);
    const desired: Desired = { type: SECRETS, write: 'create', object, purpose: 'the voting keys' };
    return { ...nothing, desired: [desired] };
  }
  const keys = orProblem(
    () => readKeys(live),
    (message) => ({ reason: 'VotingKeysInvalid', message }),
  );
  if (isProblem(keys)) return { ...nothing, problems: [keys] };
  const asked =
    request !== undefined && live.metadata.annotations?.[ANNOTATION_REQUEST] !== request.id ? request.id : undefined;
  const gap = epoch === undefined ? undefined : epochsToFill(keys, epoch, content.settings.voting);
  const why = findReason(observed, content, keys, epoch, asked, gap);
  if (why === undefined || epoch === undefined) return { ...nothing, keys };
  const { maxKeysPerAccount } = content.settings.voting;
  const active = keys.filter(({ endEpoch }) => endEpoch >= epoch);
  if (active.length >= maxKeysPerAccount) {
    const message = `there are ${active.length} voting keys that have not ended, and an account may link ${maxKeysPerAccount}: another can be made when the first ends, at epoch ${active[0]?.endEpoch}`;
    return { ...nothing, keys, problems: asked === undefined ? [] : [{ reason: 'TooManyVotingKeys', message }] };
  }
  const next = Math.max(0, ...keys.map(({ file }) => Number(FILE.exec(file)?.[1]))) + 1;
  const expired = keys.filter(({ endEpoch }) => endEpoch < surelyAt).map(({ file }) => [file, null] as const);
  const data = {
    ...Object.fromEntries(expired),
    ...toData({ [`private_key_tree${next}.dat`]: makeFile(gap ?? epochsBehind(content, keys, epoch), random) }),
  };
  return { ...nothing, keys, changes: [patchKeySecret(live, data, `the next voting keys: ${why}`, asked)] };
}

const HEIGHT_UNKNOWN: Problem = {
  reason: 'HeightUnknown',
  message:
    'voting keys can be made when the height of the network is known, which neither nodewatch nor the node has told yet: the node runs without voting until then',
};

function findReason(
  { settings }: Observed,
  { settings: network }: NetworkPackage,
  keys: VotingKey[],
  epoch: number | undefined,
  requestId: string | undefined,
  gap: EpochRange | undefined,
): string | undefined {
  if (requestId !== undefined) return `request ${requestId} to renew the voting keys`;
  if (epoch === undefined || !settings.voting.autoRenew) return undefined;
  if (gap !== undefined) return `there are none for epochs ${gap.startEpoch} to ${gap.endEpoch}`;
  const end = Math.max(0, ...keys.map(({ endEpoch }) => endEpoch));
  const daysLeft = ((end - epoch) * network.voting.grouping * network.blockSeconds) / DAY_SECONDS;
  return daysLeft < settings.voting.renewBeforeDays ? `the last voting key ends at epoch ${end}` : undefined;
}

function epochsBehind({ settings }: NetworkPackage, keys: readonly VotingKey[], epoch: number): EpochRange {
  return nextEpochs(keys, epoch, settings.voting.maxLifetime);
}

function makeFile(epochs: EpochRange, random: (size: number) => Uint8Array): Uint8Array {
  return makeVotingKeyFile(generateKeyPair(random), epochs, random);
}

const parsed = new WeakMap<Secret, VotingKey[]>();

/** A Secret in the cache is replaced, never changed. */
function readKeys(secret: Secret): VotingKey[] {
  const known =
    parsed.get(secret) ??
    Object.entries(readFiles(secret))
      .map(([file, content]) => ({ file, ...readVotingKeyHeader(content, `Secret ${secret.metadata.name}: ${file}`) }))
      .sort((one, other) => one.startEpoch - other.startEpoch);
  parsed.set(secret, known);
  return known;
}

function readFiles(secret: Secret | undefined): Record<string, Uint8Array> {
  const files = Object.entries(secret?.data ?? {}).filter(([name]) => FILE.test(name));
  return Object.fromEntries(files.map(([name, content]) => [name, Buffer.from(content, 'base64')]));
}
