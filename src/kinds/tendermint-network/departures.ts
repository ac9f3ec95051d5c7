/** Nodes that run but that the spec no longer names: a full node goes at once, a validator only after the chain has let it go. */
import { type KubeObject, keyOf } from '../../kube/objects.ts';
import {
  CONFIG_MAPS,
  DEPLOYMENTS,
  PERSISTENT_VOLUME_CLAIMS,
  PODS,
  type ResourceType,
  SECRETS,
  SERVICES,
} from '../../kube/resource-types.ts';
import type { Change, Wait } from '../../reconcile/change.ts';
import { LABEL_NODE, LABEL_RETAINED_FROM, LABEL_ROLE } from '../../reconcile/labels.ts';
import type { ChainView } from './chain-view.ts';
import { stallTimeOf } from './desired/config.ts';
import { listMembers, objectNameOf } from './members.ts';
import type { Observed } from './observe.ts';
import { ANNOTATION_VALIDATOR, holderOf, releaseKey, reservedAddress } from './reservation.ts';
import type { TendermintNetwork } from './schema.ts';
import type { LeavingValidator } from './validator-set.ts';

export type Departures = { changes: Change[]; waits: Wait[]; leaving: LeavingValidator[] };

/** Roles of what belongs to one node. */
const ROLES = new Set(['validator', 'full']);

/** Whether a node that the spec no longer names is still to be taken down. */
export function hasDepartures(network: TendermintNetwork, { pods, claims }: Observed): boolean {
  const wanted = new Set(listMembers(network).map(({ name }) => name));
  return nodesOf([...pods.values(), ...[...claims.values()].filter(isInUse)]).some((node) => !wanted.has(node));
}

function nodesOf(objects: Iterable<KubeObject>): string[] {
  return [...objects].flatMap(({ metadata: { labels = {} } }) =>
    ROLES.has(labels[LABEL_ROLE] ?? '') ? (labels[LABEL_NODE] ?? []) : [],
  );
}

export function planDepartures(network: TendermintNetwork, observed: Observed, chain: ChainView): Departures {
  const wanted = new Set(listMembers(network).map((member) => member.name));
  const { pods, services, configMaps, claims, secrets } = observed;
  const known = [pods, services, configMaps, claims, secrets].flatMap((objects) => nodesOf(objects.values()));
  const gone = new Set(known.filter((node) => !wanted.has(node)));
  const departures: Departures = { changes: [...removeExtras(network, observed)], waits: [], leaving: [] };
  for (const node of gone) departNode(network, observed, chain, node, departures);
  if (network.spec.deletionPolicy === 'Delete') {
    const prefix = `${network.metadata.namespace}/${network.metadata.name}/`;
    const isFree = (node: string) => !wanted.has(node) && !gone.has(node);
    departures.changes.push(
      ...releaseKeys(network, observed, (holder) => holder.startsWith(prefix) && isFree(holder.slice(prefix.length))),
    );
  }
  return departures;
}

function departNode(
  network: TendermintNetwork,
  observed: Observed,
  chain: ChainView,
  node: string,
  departures: Departures,
): void {
  const ofNode = <T extends KubeObject>(objects: ReadonlyMap<string, T>) =>
    [...objects.values()].filter((object) => object.metadata.labels?.[LABEL_NODE] === node);
  const [pod] = ofNode(observed.pods);
  const claim = observed.claims.get(objectNameOf(network, node));
  // Where both are gone, so is the validator: whoever moved it deleted its claim (docs/validator-keys.md).
  const reserved =
    pod === undefined && claim === undefined
      ? undefined
      : reservedAddress(observed, holderOf(network, node), claim?.metadata.uid);
  const address = claim?.metadata.annotations?.[ANNOTATION_VALIDATOR] ?? reserved;
  const wasLetGo = pod === undefined && claim?.metadata.labels?.[LABEL_RETAINED_FROM] !== undefined;
  // Nothing here can sign with a key whose Secret is gone: the validator was moved, and its power is no longer ours to take.
  const wasMoved = pod === undefined && ofNode(observed.secrets).length === 0;
  const needed = address === undefined || wasMoved ? undefined : whyNeeded(network, chain, address, wasLetGo);
  if (address !== undefined && needed !== undefined) {
    departures.leaving.push({ node, address });
    const more = pod === undefined ? '. It does not run: where the chain needs it, put it back into the spec' : '';
    departures.waits.push({ what: `removal of validator ${node}`, why: `${needed}${more}` });
    return;
  }
  const why = 'the spec no longer names this node';
  if (pod !== undefined) {
    if (pod.metadata.deletionTimestamp === undefined) departures.changes.push(remove(PODS, pod, why));
    return;
  }
  departures.changes.push(
    ...ofNode(observed.services).map((object) => remove(SERVICES, object, why)),
    ...ofNode(observed.configMaps).map((object) => remove(CONFIG_MAPS, object, why)),
    // What was kept when deletionPolicy was Retain stays kept, until the network itself is deleted.
    ...keepOrDelete(network, PERSISTENT_VOLUME_CLAIMS, ofNode(observed.claims).filter(isInUse), why),
    ...keepOrDelete(network, SECRETS, ofNode(observed.secrets).filter(isInUse), why),
  );
}

/**
 * Why a validator and its key must not go yet. One that was about to join when the spec dropped it is not in the set, and would get its
 * power after it has ended.
 */
function whyNeeded(
  network: TendermintNetwork,
  { live, validators, rising, pace }: ChainView,
  address: string,
  wasLetGo: boolean,
): string | undefined {
  if (live && validators.has(address)) return 'it still has voting power';
  if (wasLetGo) return undefined;
  if (!live) return 'the chain does not say whether it still has voting power';
  // All that answer may stand still since before it joined.
  if (pace !== 'advancing' && stallTimeOf(network) !== Number.POSITIVE_INFINITY)
    return 'no node makes blocks, and what they say of its voting power may be old';
  if (rising === undefined)
    return 'the nodes have yet to say whether a transaction that gives it voting power is under way';
  return rising.has(address) ? 'a transaction that gives it voting power is under way' : undefined;
}

function isInUse(object: KubeObject): boolean {
  return object.metadata.labels?.[LABEL_RETAINED_FROM] === undefined;
}

/** What outlives a node or a network: marked as kept, or deleted, as the spec says. Nothing for what is marked already. */
export function keepOrDelete(
  network: TendermintNetwork,
  type: ResourceType,
  objects: Iterable<KubeObject>,
  why: string,
): Change[] {
  return [...objects].flatMap((object): Change[] => {
    if (network.spec.deletionPolicy === 'Delete')
      return object.metadata.deletionTimestamp === undefined
        ? [remove(type, object, `${why}, and deletionPolicy is Delete`)]
        : [];
    if (object.metadata.labels?.[LABEL_RETAINED_FROM] !== undefined) return [];
    const labels = { [LABEL_RETAINED_FROM]: network.metadata.uid as string };
    return [
      {
        verb: 'patch',
        type,
        key: keyOf(object),
        why: `${why}; it is kept`,
        patch: { metadata: { uid: object.metadata.uid, labels } },
      },
    ];
  });
}

/** Gives reserved validator keys free. Only ever after pods and claims are gone, so that nothing runs with them and no sign state is left. */
export function releaseKeys(
  network: TendermintNetwork,
  observed: Observed,
  isReleased: (holder: string) => boolean,
): Change[] {
  return [...observed.reservations.values()]
    .filter((lease) => isReleased(lease.spec?.holderIdentity ?? ''))
    .map((lease) => releaseKey(lease, `the validator key of ${network.metadata.name} is free again`));
}

function removeExtras(network: TendermintNetwork, observed: Observed): Change[] {
  return (['monitor', 'transacter'] as const).flatMap((role) => {
    if (network.spec[role] !== undefined) return [];
    const why = `spec.${role} is not set`;
    const isExtra = (object: KubeObject) => object.metadata.labels?.[LABEL_ROLE] === role;
    return [
      ...[...observed.deployments.values()].filter(isExtra).map((object) => remove(DEPLOYMENTS, object, why)),
      ...[...observed.services.values()].filter(isExtra).map((object) => remove(SERVICES, object, why)),
    ];
  });
}

export function remove(type: ResourceType, object: KubeObject, why: string): Change {
  return { verb: 'delete', type, key: keyOf(object), uid: object.metadata.uid as string, why, disrupts: false };
}
