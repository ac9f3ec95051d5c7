/** IdentityPool, IdentityHoprd, ClusterHoprd and Hoprd, as the operator and the commands know them. */
import type { KubeObject } from '../../kube/objects.ts';
import {
  CONFIG_MAPS,
  CRON_JOBS,
  DEPLOYMENTS,
  INGRESS_CLASSES,
  INGRESSES,
  JOBS,
  PERSISTENT_VOLUME_CLAIMS,
  PODS,
  PROMETHEUS_RULES,
  type ResourceType,
  ROLE_BINDINGS,
  ROLES,
  SECRETS,
  SERVICE_ACCOUNTS,
  SERVICE_MONITORS,
  SERVICES,
  STORAGE_CLASSES,
} from '../../kube/resource-types.ts';
import type { WatchedType } from '../../runtime/sources.ts';
import type { Kind, KindOptions, Look, PolicyRule } from '../kind.ts';
import { lookBy } from '../look.ts';
import { reconcilerBy } from '../pass.ts';
import type { AnyRecipe } from '../recipe.ts';
import { checkClusterHoprd, checkHoprd, checkIdentityHoprd, checkIdentityPool } from './check.ts';
import { clusterHoprdCrd, hoprdCrd, identityHoprdCrd, identityPoolCrd } from './crds.ts';
import { LABEL_INSTANCE, LABEL_NAME } from './desired/metadata.ts';
import { holderOf } from './identity-lock.ts';
import { clusterRecipe, identityRecipe, nodeRecipe, poolRecipe } from './recipe.ts';
import { renderCluster, renderIdentity, renderPool, settingsOf } from './render.ts';
import { HOPRDS, type Hoprd, IDENTITY_HOPRDS, IDENTITY_POOLS, type IdentityHoprd } from './schema.ts';

const READ = ['get', 'list', 'watch'];
const WRITE = [...READ, 'create', 'patch'];

export const identityPool = hoprKind(poolRecipe, {
  children: (options) => [
    ...made([SERVICE_ACCOUNTS, ROLES, ROLE_BINDINGS, CRON_JOBS], options),
    ...made([SERVICE_MONITORS, PROMETHEUS_RULES], options).map((child) => ({ ...child, optional: true })),
    { type: IDENTITY_HOPRDS },
  ],
  ownersOf: (child) =>
    child.kind === IDENTITY_HOPRDS.kind ? inNamespaceOf(child, (child as IdentityHoprd).spec.identityPoolName) : [],
  rules: [
    ...grant([SERVICE_ACCOUNTS, ROLES, ROLE_BINDINGS], WRITE),
    ...grant([CRON_JOBS, SERVICE_MONITORS, PROMETHEUS_RULES], [...WRITE, 'delete']),
    ...grant([SECRETS], ['get']),
    // The ports of the ingress controller, and whether the HOPR operator still runs.
    ...grant([DEPLOYMENTS], ['get', 'list', 'patch']),
    ...grant([IDENTITY_HOPRDS], READ),
    ...grant([STORAGE_CLASSES], ['get']),
    ...grant([INGRESS_CLASSES], ['get']),
  ],
  crd: identityPoolCrd,
  check: checkIdentityPool,
  render: renderPool,
});

export const identityHoprd = hoprKind(identityRecipe, {
  children: (options) => [...made([PERSISTENT_VOLUME_CLAIMS, PODS, DEPLOYMENTS], options), { type: HOPRDS }],
  // The nodes that have it, or had.
  ownersOf: (child) =>
    child.kind === HOPRDS.kind ? inNamespaceOf(child, (child as Hoprd).status?.identityName ?? undefined) : [],
  rules: [
    ...grant([PERSISTENT_VOLUME_CLAIMS], WRITE),
    ...grant([PODS, DEPLOYMENTS, HOPRDS, IDENTITY_POOLS], READ),
    ...grant([STORAGE_CLASSES], ['get']),
  ],
  crd: identityHoprdCrd,
  check: checkIdentityHoprd,
  render: renderIdentity,
});

export const clusterHoprd = hoprKind(clusterRecipe, {
  children: () => [{ type: HOPRDS }, { type: IDENTITY_HOPRDS }],
  ownersOf: () => [],
  rules: [
    ...grant([HOPRDS], [...WRITE, 'delete']),
    ...grant([IDENTITY_HOPRDS], READ),
    ...grant([DEPLOYMENTS], ['list']),
  ],
  crd: clusterHoprdCrd,
  check: checkClusterHoprd,
  render: renderCluster,
});

export const hoprd = hoprKind(nodeRecipe, {
  children: (options) => [
    ...made([DEPLOYMENTS, INGRESSES, SERVICES, JOBS, PODS], options),
    { type: IDENTITY_HOPRDS },
    { type: IDENTITY_POOLS },
  ],
  ownersOf(child) {
    if (child.kind === PODS.kind) return inNamespaceOf(child, child.metadata.labels?.[LABEL_INSTANCE]);
    return child.kind === IDENTITY_HOPRDS.kind ? inNamespaceOf(child, holderOf(child as IdentityHoprd)) : [];
  },
  rules: [
    ...grant([DEPLOYMENTS, INGRESSES, SERVICES, JOBS], [...WRITE, 'delete']),
    ...grant([PODS, IDENTITY_POOLS], READ),
    ...grant([IDENTITY_HOPRDS], [...READ, 'patch']),
    // Ports of the ingress controller.
    ...grant([CONFIG_MAPS], ['get', 'patch']),
    ...grant([INGRESS_CLASSES], ['get']),
  ],
  crd: hoprdCrd,
  check: checkHoprd,
  render: () => [],
});

type LookContext = Parameters<Kind['look']>[1];

type Own = Pick<Kind, 'children' | 'ownersOf' | 'rules' | 'crd' | 'check'> & {
  render(object: KubeObject, options: KindOptions): KubeObject[];
};

function hoprKind(recipe: AnyRecipe, own: Own): Kind {
  const look = lookBy(recipe);
  return {
    ...own,
    name: recipe.name,
    type: recipe.type,
    isEnabled: ({ hopr }) => hopr !== undefined,
    // Who does not know how its operator runs nodes sees what that operator has said.
    look: async (object, context) =>
      context.options.hopr === undefined ? lookAtStatus(recipe, object, context) : look(object, context),
    view: recipe.view,
    createReconciler: reconcilerBy(recipe),
  };
}

async function lookAtStatus(
  recipe: AnyRecipe,
  object: KubeObject,
  { reader, options, now }: LookContext,
): Promise<Look> {
  const { status } = object as { status?: object | null };
  const why = 'what is planned for it needs the configuration of the operator: --hopr-config FILE';
  const view = await recipe.view(object, { reader, reading: () => undefined, options, now: now() });
  return { changes: [], waits: [{ what: 'the plan', why }], problems: [], status: status ?? {}, view };
}

/** What nodes, pools and identities are made of carries the operator's name. */
function made(types: readonly ResourceType[], options: KindOptions): WatchedType[] {
  const labels = { [LABEL_NAME]: settingsOf(options).instanceName };
  return types.map((type) => ({ type, labels }));
}

function grant(types: readonly ResourceType[], verbs: string[]): PolicyRule[] {
  return types.map(({ group, plural }) => ({ apiGroups: [group], resources: [plural], verbs }));
}

function inNamespaceOf({ metadata }: KubeObject, name: string | undefined): { namespace: string; name: string }[] {
  return name === undefined ? [] : [{ namespace: metadata.namespace ?? '', name }];
}
