/** The links of the main account as a part of the plan: which keys of the node have to be linked, and what is done about it now. */
import type { KeyPair } from '../../formats/ed25519.ts';
import { parsePrivateKey } from '../../formats/symbol-keys.ts';
import type { NetworkPackage } from '../../formats/symbol-network-package.ts';
import type { SymbolTransactions, WantedLinks } from '../../formats/symbol-transactions.ts';
import type { VotingKeyHeader } from '../../formats/symbol-voting-keys.ts';
import { type ConfigMap, keyOf, type Pod, type Secret } from '../../kube/objects.ts';
import { CONFIG_MAPS, PODS } from '../../kube/resource-types.ts';
import type { Change, Wait } from '../../reconcile/change.ts';
import { isProblem, orProblem, type Problem } from '../problem.ts';
import { childMetadata } from './desired/metadata.ts';
import type { Identity } from './identities.ts';
import { describeAnnouncement, makeRecord } from './links/make.ts';
import { type LinkStep, planLinkStep } from './links/plan.ts';
import { hashesOf, type LinkRecord, parseRecord, renderRecord } from './links/record.ts';
import type { NodeNames } from './names.ts';
import type { AccountView } from './rpc/account.ts';
import type { NodeReading } from './rpc/reading.ts';
import type { SymbolNode } from './schema.ts';
import type { Settings } from './settings.ts';
import { findExpiredLinks } from './watch/voting-keys.ts';

export type LinkPlan = {
  /** Undefined for a node whose keys need no links. */
  step: LinkStep | undefined;
  /** Of the transaction that waits. */
  hash: string | undefined;
  changes: Change[];
  waits: Wait[];
  problems: Problem[];
};

export type LinkInput = {
  names: NodeNames;
  settings: Settings;
  content: NetworkPackage;
  identity: Identity;
  votingKeys: readonly VotingKeyHeader[];
  epoch: number | undefined;
  /** The epoch that nodewatch and the node both have come to. */
  surelyAt: number;
  pod: Pod | undefined;
  reading: NodeReading | undefined;
  /** Secret with the cosigner's key, where the spec names one and it exists. */
  cosigner: Secret | undefined;
  /** The ConfigMap with the transaction that waits. */
  live: ConfigMap | undefined;
  /** Undefined while they are not loaded. */
  transactions: SymbolTransactions | undefined;
  now: Date;
};

/** Only what harvests or votes has keys that its account links. */
export function needsLinks({ features }: Pick<Settings, 'features'>): boolean {
  return features.has('HARVESTER') || features.has('VOTER');
}

/** Whether a transaction may have to be made, so that what makes it is loaded: it is large, and most nodes have their links. */
export function mayMakeTransaction({ status }: SymbolNode): boolean {
  return !['Unknown', 'Linked'].includes(status?.links?.state ?? 'Unknown');
}

/** Hashes of what waits, so that its fate is asked for; none where it cannot be read, which shows in the plan. */
export function followedHashes(live: ConfigMap | undefined): string[] {
  const record = readRecord(live);
  return isProblem(record) ? [] : hashesOf(record);
}

export function planLinks(resource: SymbolNode, input: LinkInput): LinkPlan {
  const nothing: LinkPlan = { step: undefined, hash: undefined, changes: [], waits: [], problems: [] };
  const { identity, settings, content, reading, now, live } = input;
  const account = identity.certificates?.caPublicKey;
  if (!needsLinks(settings) || account === undefined) return nothing;
  const record = readRecord(live);
  const cosigner = readCosigner(resource, input.cosigner);
  const problems = [record, cosigner].filter((found) => isProblem(found));
  if (isProblem(record) || isProblem(cosigner)) return { ...nothing, problems };
  const view = reading?.account.value;
  // The key of another account signs nothing for this one.
  const pair = identity.ca?.pair;
  const own = pair !== undefined && Buffer.compare(pair.publicKey, account) === 0 ? pair : undefined;
  const step = planLinkStep({
    mode: settings.links,
    account,
    network: content.settings,
    hasAccountKey: own !== undefined,
    cosigner: cosigner?.publicKey,
    wanted: wantedLinks(input, view),
    maxVotingKeys: content.settings.voting.maxKeysPerAccount,
    view,
    viewError: reading?.account.error,
    record,
    currency: content.settings.transaction.currencyMosaicId.toString(16).toUpperCase().padStart(16, '0'),
  });
  const hash = record?.hash;
  const { action } = step;
  switch (action?.do) {
    case undefined:
      return { ...nothing, step, hash };
    case 'forget':
      return { ...nothing, step, changes: write(resource, input, undefined, 'the links are made') };
    case 'announce':
      return { ...nothing, step, hash, changes: send(input, record as LinkRecord, action.part, view as AccountView) };
    case 'make': {
      if (input.transactions === undefined || view === undefined)
        return { ...nothing, step, waits: [{ what: 'the link transaction', why: 'what makes it is being loaded' }] };
      const isMultisig = view.multisig.minApproval > 0;
      const made = makeRecord(input.transactions, {
        changes: action.changes,
        account,
        minApproval: view.multisig.minApproval,
        signer: settings.links === 'Prepare' ? undefined : isMultisig ? cosigner : own,
        networkTime: networkTimeAt(reading, now) ?? view.networkTime,
        settings: content.settings,
      });
      return { ...nothing, step, hash: made.hash, changes: write(resource, input, made, step.message) };
    }
  }
}

/** A key that has ended is linked no more, and what is linked of such keys is given up: an account may link a few only. */
function wantedLinks(
  { identity, settings, votingKeys, epoch, surelyAt }: LinkInput,
  view: AccountView | undefined,
): WantedLinks {
  const { harvester } = identity;
  const isVoter = settings.features.has('VOTER') && epoch !== undefined;
  return {
    ...(harvester === undefined || harvester.isNew
      ? {}
      : { remote: harvester.remote.publicKey, vrf: harvester.vrf.publicKey }),
    ...(isVoter
      ? {
          voting: votingKeys.filter(({ endEpoch }) => endEpoch >= epoch),
          unlinkVoting: findExpiredLinks(view?.state?.links.voting ?? [], surelyAt),
        }
      : {}),
  };
}

/**
 * The network's clock now, for what is made now. Whether something is over is told by what the network said itself: what it said some time ago
 * knows nothing of what it has confirmed since.
 */
function networkTimeAt(reading: NodeReading | undefined, now: Date): bigint | undefined {
  const { value, valueAt } = reading?.account ?? {};
  if (value === undefined || valueAt === undefined) return undefined;
  return value.networkTime + BigInt(Math.max(0, now.getTime() - valueAt));
}

function readRecord(live: ConfigMap | undefined): LinkRecord | undefined | Problem {
  const { data } = live ?? {};
  if (live === undefined || data?.payload === undefined) return undefined;
  return orProblem(
    () => parseRecord(data, `ConfigMap ${live.metadata.name}`),
    (message) => ({ reason: 'TransactionInvalid', message }),
  );
}

function readCosigner({ spec }: SymbolNode, secret: Secret | undefined): KeyPair | undefined | Problem {
  const source = spec.accounts?.cosigner;
  if (source === undefined) return undefined;
  const where = `spec.accounts.cosigner: Secret ${source.name}`;
  const content = secret?.data?.[source.key];
  if (content === undefined)
    return {
      reason: 'CosignerMissing',
      message: `${where} ${secret === undefined ? 'does not exist' : `has no member ${source.key}`}; put the key there`,
    };
  return orProblem(
    () => parsePrivateKey(Buffer.from(content, 'base64').toString(), `${where}: ${source.key}`),
    (message) => ({ reason: 'CosignerInvalid', message }),
  );
}

/**
 * Never over what somebody else has written since: what was once announced would be forgotten. Two of these writes in a row, the second by an
 * old view, fail.
 */
function write(
  resource: SymbolNode,
  { names, live }: LinkInput,
  record: LinkRecord | undefined,
  why: string,
): Change[] {
  const data = record === undefined ? {} : renderRecord(record);
  const key = { namespace: resource.metadata.namespace, name: names.transaction };
  if (live === undefined) {
    const metadata = childMetadata(resource, names.transaction, { node: names.node, component: 'keys', owned: true });
    const object: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
    return [{ verb: 'create', type: CONFIG_MAPS, key, why, object }];
  }
  const { uid, resourceVersion } = live.metadata;
  const removed = Object.fromEntries(Object.keys(live.data ?? {}).map((name) => [name, null]));
  const patch = { metadata: { uid, resourceVersion }, data: { ...removed, ...data } };
  return [{ verb: 'patch', type: CONFIG_MAPS, key: keyOf(live), why, patch }];
}

function send({ pod }: LinkInput, record: LinkRecord, part: 'lock' | 'transaction', { rest }: AccountView): Change[] {
  if (pod === undefined) return [];
  const why = `announce ${part === 'lock' ? `hash lock ${record.lock?.hash}` : `transaction ${record.hash}`} at ${new URL(rest).host}`;
  return [
    { verb: 'broadcast', type: PODS, key: keyOf(pod), why, transaction: describeAnnouncement(rest, record, part) },
  ];
}
