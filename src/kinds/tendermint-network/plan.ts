/**
 * Spec and observation in, changes out: the one place where it is decided what is written for a TendermintNetwork. Pure. The operator
 * executes the changes, `nodewright plan` prints them, tests assert them.
 */

import { viewNode } from '../../comet-node/node-view.ts';
import { isFresh } from '../../comet-node/reading.ts';
import type { KubeObject, PersistentVolumeClaim } from '../../kube/objects.ts';
import { LEASES } from '../../kube/resource-types.ts';
import type { Change, Wait } from '../../reconcile/change.ts';
import { type Desired, diffObject } from '../../reconcile/diff.ts';
import { ANNOTATION_PAUSED } from '../../reconcile/labels.ts';
import { isProblem, type Problem } from '../problem.ts';
import type { PlanContext } from '../recipe.ts';
import { type ChainView, viewChain } from './chain-view.ts';
import { planDeletion } from './deletion.ts';
import { planDepartures } from './departures.ts';
import { buildClaims, resizeClaim } from './desired/claims.ts';
import { ANNOTATION_CLUSTER_IP, buildConfigMap, renderConfig, unknownSettings } from './desired/config.ts';
import { buildDisruptionBudget } from './desired/disruption-budget.ts';
import { buildExtras } from './desired/extras.ts';
import { type Genesis, resolveGenesis } from './desired/genesis.ts';
import { buildAppSecrets, buildKeySecrets } from './desired/keys.ts';
import { buildPod } from './desired/pod.ts';
import { buildNodeService, buildRpcService } from './desired/services.ts';
import { type EvictionWeights, weighEvictions } from './eviction-weights.ts';
import { addFinalizer } from './finalizer.ts';
import { type Identities, type Identity, resolveIdentities } from './identities.ts';
import { appClaimName, listMembers } from './members.ts';
import type { NodeView } from './node.ts';
import type { Observed } from './observe.ts';
import { type PodPlan, planPods } from './pods.ts';
import { ANNOTATION_VALIDATOR, type Reservation, reserveKey } from './reservation.ts';
import { ranTokenOf, recordRuns } from './run-record.ts';
import type { TendermintNetwork } from './schema.ts';
import { planValidatorSet, type ValidatorSetPlan } from './validator-set.ts';
import { TYPE_OF_CHILD } from './watched.ts';

export type Plan = {
  changes: Change[];
  waits: Wait[];
  problems: Problem[];
  /** What the status is made of. */
  nodes: NodeView[];
  chain: ChainView;
  identities: Identities;
  genesis: Genesis | undefined;
  validatorSet: ValidatorSetPlan;
  /** By name of the node: what its next restart will bring. */
  pendingUpdates: ReadonlyMap<string, string>;
  /** Names of nodes that do not run what was asked for. */
  stale: ReadonlySet<string>;
  evictions: EvictionWeights;
  /** Sentences about what is probably not meant, but harmless. */
  warnings: string[];
  paused: boolean;
  deleting: boolean;
};

export function planNetwork(network: TendermintNetwork, observed: Observed, context: PlanContext): Plan {
  const { now } = context;
  const { operatorNamespace, agentImage } = context.options;
  const images = { agent: agentImage };
  const identities = resolveIdentities(network, observed, context.random);
  const known = [...identities.byName.values()];
  const appSecrets = buildAppSecrets(network, known, observed, context.random);
  const genesis = resolveGenesis(network, identities, observed, appSecrets, now);
  const reservations = reserveKeys(network, known, observed, operatorNamespace);
  const nodes = listMembers(network).map((member) => {
    const pod = observed.pods.get(member.objectName);
    const reading = observed.readings.get(pod?.metadata.uid ?? '');
    const fresh = reading !== undefined && isFresh(reading, now.getTime()) ? reading : undefined;
    return { member, ...viewNode(pod, fresh, now.getTime()) };
  });
  const addresses = validatorAddresses(nodes, identities, observed);
  const chain = viewChain(nodes, addresses, genesis.genesis, now.getTime());
  const deleting = network.metadata.deletionTimestamp !== undefined;
  const paused = network.metadata.annotations?.[ANNOTATION_PAUSED] === 'true';
  const facts = {
    nodes,
    chain,
    identities,
    genesis: genesis.genesis,
    paused,
    deleting,
    evictions: weighEvictions(network, nodes, addresses, observed, chain),
    warnings: unknownSettings(network),
  };
  if (deleting)
    return {
      ...facts,
      ...planDeletion(network, observed),
      problems: [],
      validatorSet: {},
      pendingUpdates: new Map(),
      stale: new Set(),
    };

  const configs = known.map((identity) => ({ identity, text: renderConfig(network, identity, known) }));
  const configProblems = distinct(configs.flatMap(({ text }) => (isProblem(text) ? [text] : [])));
  const problems = [
    ...identities.problems,
    ...(genesis.problem === undefined ? [] : [genesis.problem]),
    ...[...reservations.values()].flatMap((reservation) => reservation.problem ?? []),
    ...configProblems,
  ];
  const diff = (desired: Desired) => diffObject(desired, findLive(observed, desired), context.residues);

  const claims = claimsOf(network, known, reservations, genesis.genesis?.hash);
  const resizes = claims.map((desired) =>
    resizeClaim(desired, findLive(observed, desired) as PersistentVolumeClaim | undefined),
  );
  problems.push(...resizes.filter(isProblem));

  const pods: PodPlan = planPods({
    network,
    observed,
    nodes,
    chain,
    addresses,
    reservations,
    pods:
      genesis.genesis === undefined
        ? new Map()
        : new Map(
            known.map((identity) => [
              identity.member.name,
              buildPod(network, identity, known, genesis.genesis as Genesis, {
                images: images,
                ranToken: ranTokenOf(network, observed.claims.get(identity.member.objectName)),
              }),
            ]),
          ),
    holdRestarts: configProblems[0]?.message,
    now: now.getTime(),
  });
  const departures = planDepartures(network, observed, chain);
  const validatorSet = planValidatorSet(network, chain, nodes, admitted(identities, reservations), departures.leaving);

  const desired: Desired[] = [
    ...buildKeySecrets(network, known, observed),
    ...appSecrets,
    ...[...reservations.values()].flatMap(({ create }) =>
      create === undefined
        ? []
        : [
            {
              type: LEASES,
              write: 'create' as const,
              object: create as KubeObject,
              purpose: 'reserve the validator key, so that it runs nowhere else',
            },
          ],
    ),
    ...(genesis.desired === undefined ? [] : [genesis.desired]),
    ...known.map(({ member }) => buildNodeService(network, member, rememberedAddress(observed, member.objectName))),
    ...configs.flatMap(({ identity, text }) =>
      isProblem(text)
        ? []
        : [buildConfigMap(network, identity, text, currentAddress(observed, identity.member.objectName))],
    ),
    ...claims,
  ];
  const last: Desired[] = [
    buildRpcService(network),
    ...buildDisruptionBudget(network, facts.evictions),
    ...buildExtras(network, images),
  ];
  const changes = [
    ...addFinalizer(network),
    ...desired.flatMap(diff),
    ...[...reservations.values()].flatMap((reservation) => reservation.record),
    ...recordRuns(network, nodes, observed),
    ...pods.changes,
    ...resizes.flatMap((resize) => (resize === undefined || isProblem(resize) ? [] : [resize])),
    ...last.flatMap(diff),
    ...(validatorSet.change === undefined ? [] : [validatorSet.change]),
    ...departures.changes,
  ];
  return {
    ...facts,
    changes: paused ? [] : tagNodes(changes, nodes, reservations),
    waits: [...pods.waits, ...departures.waits],
    problems,
    validatorSet,
    pendingUpdates: pods.pendingUpdates,
    stale: pods.stale,
  };
}

/** Says of every change which node it is about, so that the failure of one does not hold back the others (reconcile/act.ts). */
function tagNodes(changes: Change[], nodes: NodeView[], reservations: ReadonlyMap<string, Reservation>): Change[] {
  const nodeOf = new Map(
    nodes.flatMap(({ member }) =>
      [member.objectName, appClaimName(member), reservations.get(member.name)?.leaseName].map(
        (name) => [name, member.name] as const,
      ),
    ),
  );
  return changes.map((change) => {
    const node = nodeOf.get(change.key.name);
    return node === undefined ? change : { ...change, node };
  });
}

/** As their claims remember: a key that cannot be read at present, or was changed in its Secret, makes no other validator of a node that runs. */
function validatorAddresses(nodes: NodeView[], identities: Identities, observed: Observed): Map<string, string> {
  return new Map(
    nodes.flatMap(({ member: { name, role, objectName } }) => {
      const remembered = observed.claims.get(objectName)?.metadata.annotations?.[ANNOTATION_VALIDATOR];
      const address = remembered ?? identities.byName.get(name)?.validator?.address;
      return role !== 'validator' || address === undefined ? [] : [[name, address] as const];
    }),
  );
}

/** Without the keys that must not run: nobody would vote with the power that they were given. */
function admitted(identities: Identities, reservations: ReadonlyMap<string, Reservation>): Identities {
  const byName = [...identities.byName].filter(([name]) => reservations.get(name)?.problem === undefined);
  return { ...identities, byName: new Map(byName) };
}

function reserveKeys(
  network: TendermintNetwork,
  identities: Identity[],
  observed: Observed,
  operatorNamespace: string,
): Map<string, Reservation> {
  return new Map(
    identities.flatMap((identity) => {
      const { validator } = identity;
      if (validator === undefined) return [];
      return [
        [identity.member.name, reserveKey(network, { ...identity, validator }, observed, operatorNamespace)] as const,
      ];
    }),
  );
}

/** No claim for a validator whose key must not run: a new claim is a new sign state. */
function claimsOf(
  network: TendermintNetwork,
  identities: Identity[],
  reservations: ReadonlyMap<string, Reservation>,
  genesisHash: string | undefined,
): Desired[] {
  return identities
    .filter(({ member }) => reservations.get(member.name)?.claimAllowed ?? true)
    .flatMap((identity) => buildClaims(network, identity, genesisHash));
}

function findLive(observed: Observed, desired: Desired): KubeObject | undefined {
  const { type, object } = desired;
  if (type === LEASES) return observed.reservations.get(object.metadata.name);
  return TYPE_OF_CHILD.get(type)?.(observed).get(object.metadata.name);
}

function currentAddress(observed: Observed, name: string): string | undefined {
  return (
    observed.services.get(name)?.spec?.clusterIP ??
    observed.configMaps.get(name)?.metadata.annotations?.[ANNOTATION_CLUSTER_IP]
  );
}

/** The address to give to a Service that was deleted; a Service that exists keeps its own. */
function rememberedAddress(observed: Observed, name: string): string | undefined {
  return observed.services.has(name)
    ? undefined
    : observed.configMaps.get(name)?.metadata.annotations?.[ANNOTATION_CLUSTER_IP];
}

function distinct(problems: Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [problem.message, problem])).values()];
}
