/**
 * Spec and observation in, changes out, for one IdentityPool. Pure. How many identities it has and how many are in use is counted anew each
 * time, from the identities themselves (spec hopr §4.1).
 */
import type { Deployment, KubeObject, Secret } from '../../kube/objects.ts';
import {
  CRON_JOBS,
  PROMETHEUS_RULES,
  type ResourceType,
  ROLE_BINDINGS,
  ROLES,
  SERVICE_ACCOUNTS,
  SERVICE_MONITORS,
} from '../../kube/resource-types.ts';
import type { Change, Wait } from '../../reconcile/change.ts';
import type { ConditionInput } from '../../reconcile/conditions.ts';
import { diffObject, type Residues } from '../../reconcile/diff.ts';
import { ANNOTATION_PAUSED } from '../../reconcile/labels.ts';
import type { HoprSettings } from '../hopr-settings.ts';
import type { Problem } from '../problem.ts';
import { conditionsOf } from './conditions.ts';
import { planControllerPorts } from './controller-ports.ts';
import { buildPoolChildren } from './desired/children.ts';
import { environmentSecretOf, WALLET_KEYS } from './desired/node-env.ts';
import { buildPrometheusRule } from './desired/prometheus-rule.ts';
import { addFinalizer, hasFinalizer, removeFinalizer } from './finalizer.ts';
import { holderOf } from './identity-lock.ts';
import { withOwner } from './ownership.ts';
import { findPoolProblems } from './pool-problems.ts';
import { remove } from './removal.ts';
import { IDENTITY_POOLS, type IdentityHoprd, type IdentityPool } from './schema.ts';
import type { OwnStatus } from './status-writes.ts';

export type PoolObserved = {
  wallet: Secret | undefined;
  /** Whether there is the Secret whose members are variables of every node. Default true. */
  hasEnvironment?: boolean;
  /** Those of the pool. */
  identities: readonly IdentityHoprd[];
  /** Whatever it owns. */
  children: readonly KubeObject[];
  /** Whether the cluster knows ServiceMonitors now. */
  hasServiceMonitors: boolean;
  /** Whether the cluster knows PrometheusRules now. Default false. */
  hasPrometheusRules?: boolean;
  /** The Deployment of the ingress controller, where the operator's configuration names one. */
  controller?: Deployment | undefined;
  /** What the operator's configuration names and the cluster does not have. */
  missing?: readonly Problem[];
};

export type PoolPlan = {
  changes: Change[];
  waits: Wait[];
  problems: Problem[];
  size: number;
  locked: number;
  paused: boolean;
  deleting: boolean;
};

const TYPES: readonly ResourceType[] = [
  ...[SERVICE_MONITORS, PROMETHEUS_RULES, SERVICE_ACCOUNTS, ROLES, ROLE_BINDINGS, CRON_JOBS],
];

export function planPool(
  pool: IdentityPool,
  observed: PoolObserved,
  { settings, residues }: { settings: HoprSettings; residues: Residues },
): PoolPlan {
  const deleting = pool.metadata.deletionTimestamp !== undefined;
  const paused = pool.metadata.annotations?.[ANNOTATION_PAUSED] === 'true';
  const facts = {
    size: observed.identities.length,
    locked: observed.identities.filter((identity) => holderOf(identity) !== undefined).length,
    ...{ paused, deleting },
  };
  if (deleting) return { ...facts, ...planDeletion(pool, observed), problems: [] };
  const wallet = findWalletProblems(pool, observed.wallet);
  // Who only tests or renders knows no controller.
  const controller =
    'controller' in observed ? planControllerPorts(observed.controller, settings) : { changes: [], problems: [] };
  const problems = [
    ...wallet,
    ...findMissingEnvironment(pool, observed),
    ...findPoolProblems(pool),
    ...(observed.missing ?? []),
    ...controller.problems,
  ];
  // Nothing is begun without a wallet; what was begun is kept as it should be.
  if (wallet.length > 0 && !hasFinalizer(pool)) return { ...facts, problems, changes: [], waits: [] };
  const finalizer = addFinalizer(pool, IDENTITY_POOLS, 'finalizer, so that it stays as long as it has identities');
  const changes = [...finalizer, ...controller.changes, ...planChildren(pool, observed, problems, settings, residues)];
  return { ...facts, problems, changes: paused ? [] : changes, waits: [] };
}

export function buildPoolStatus(plan: PoolPlan, failure: string | undefined): OwnStatus {
  const phase = phaseOf(plan);
  const good: Omit<ConditionInput, 'type'> = {
    status: phase === 'Ready' ? 'True' : 'False',
    reason: phase,
    message: `${plan.locked} of ${plan.size} identities are in use`,
  };
  return { phase, size: plan.size, locked: plan.locked, conditions: conditionsOf({ ...plan, failure }, good) };
}

/** Without its wallet no node could start; the pods that run are not concerned. */
function phaseOf(plan: PoolPlan): 'Deleting' | 'Failed' | 'Ready' {
  if (plan.deleting) return 'Deleting';
  return plan.problems.some(({ reason }) => reason === 'WalletInvalid') ? 'Failed' : 'Ready';
}

function planChildren(
  pool: IdentityPool,
  { children, hasServiceMonitors, hasPrometheusRules = false }: PoolObserved,
  problems: readonly Problem[],
  settings: HoprSettings,
  residues: Residues,
): Change[] {
  const find = (kind: string) => children.find((child) => child.kind === kind);
  const mayFund = !problems.some(({ reason }) => reason === 'FundingInvalid');
  const wanted = [
    ...buildPoolChildren(pool, settings).filter(
      ({ kind }) => (kind !== SERVICE_MONITORS.kind || hasServiceMonitors) && (kind !== CRON_JOBS.kind || mayFund),
    ),
    ...(hasPrometheusRules ? [buildPrometheusRule(pool, settings)] : []),
  ];
  const funding = find(CRON_JOBS.kind);
  const isUnwanted = funding !== undefined && pool.spec.funding === undefined;
  return [
    ...wanted.flatMap((child) => {
      const type = TYPES.find(({ kind }) => kind === child.kind) as ResourceType;
      const desired = {
        type,
        write: 'create-then-apply',
        object: withOwner(pool, child),
        purpose: PURPOSES[child.kind],
      };
      return diffObject(desired as Parameters<typeof diffObject>[0], find(child.kind), residues);
    }),
    ...(isUnwanted && funding.metadata.deletionTimestamp === undefined
      ? [remove(CRON_JOBS, funding, 'spec.funding is gone', false)]
      : []),
  ];
}

const PURPOSES: Record<string, string> = {
  [SERVICE_MONITORS.kind]: 'metrics of the nodes',
  [PROMETHEUS_RULES.kind]: 'alerts about the nodes',
  [SERVICE_ACCOUNTS.kind]: 'who sends funds',
  [ROLES.kind]: 'what sending funds needs to read',
  [ROLE_BINDINGS.kind]: 'what sending funds needs to read',
  [CRON_JOBS.kind]: 'sends funds to the identities',
};

/** What nobody would look after any more goes first; the rest goes with its owner. */
function planDeletion(
  pool: IdentityPool,
  { identities, children }: PoolObserved,
): { changes: Change[]; waits: Wait[] } {
  if (identities.length > 0) {
    const names = identities.map(({ metadata }) => metadata.name).sort();
    const some = names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
    return { changes: [], waits: [{ what: 'deletion', why: `it has identities: ${some}; delete them first` }] };
  }
  const leaving = [SERVICE_MONITORS, CRON_JOBS].flatMap((type) => children.filter(({ kind }) => kind === type.kind));
  if (leaving.length === 0)
    return { changes: removeFinalizer(pool, IDENTITY_POOLS, 'it has no identity any more'), waits: [] };
  const type = (kind: string) => TYPES.find((candidate) => candidate.kind === kind) as ResourceType;
  const going = leaving.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return {
    changes: going.map((child) => remove(type(child.kind), child, 'the pool is deleted', false)),
    waits: [
      {
        what: 'deletion',
        why: `${leaving.map(({ kind, metadata }) => `${kind} ${metadata.name}`).join(', ')} must end first`,
      },
    ],
  };
}

/** The pods of nodes wait for it, and say so nowhere but in their events. */
function findMissingEnvironment({ metadata }: IdentityPool, { hasEnvironment = true }: PoolObserved): Problem[] {
  if (hasEnvironment) return [];
  const message = `there is no Secret ${metadata.namespace}/${environmentSecretOf(metadata.name)}, whose members are variables of every node, and without which none starts; make it, it may be empty`;
  return [{ reason: 'NodeEnvironmentMissing', message }];
}

/** Which keys there are; what they hold is looked at for nothing but being there. */
function findWalletProblems({ metadata, spec }: IdentityPool, wallet: Secret | undefined): Problem[] {
  const name = `${metadata.namespace}/${spec.secretName}`;
  const reason = 'WalletInvalid';
  if (wallet === undefined)
    return [
      {
        reason,
        message: `spec.secretName: there is no Secret ${name}; make it with the keys ${WALLET_KEYS.join(', ')}`,
      },
    ];
  const missing = WALLET_KEYS.filter((key) => !wallet.data?.[key]);
  if (missing.length === 0) return [];
  return [{ reason, message: `spec.secretName: Secret ${name} lacks ${missing.join(', ')}` }];
}
