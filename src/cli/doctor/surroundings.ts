/** What all checks of the doctor look at. */
import { KINDS } from '../../kinds/index.ts';
import type { Kind } from '../../kinds/kind.ts';
import { isForbidden } from '../../kube/api-error.ts';
import type { Connection } from '../../kube/client.ts';
import type { Kube } from '../../kube/kube.ts';
import type { Deployment, KubeObject, Lease } from '../../kube/objects.ts';
import { apiVersionOf, DEPLOYMENTS, LEASES } from '../../kube/resource-types.ts';
import { LEASE_NAME } from '../operator.ts';
import { OPERATOR_LABELS } from '../operator-manifests.ts';
import { reporterOf } from '../plan.ts';
import { DEFAULT_OPERATOR_NAMESPACE } from '../version.ts';
import { type InstalledOperator, readInstallation } from './installed-operator.ts';

type OutsideOperator = {
  /** Of its Leases. */
  namespace: string;
  holder: string;
};

export type Surroundings = {
  kube: Kube;
  now: () => Date;
  /** Only what is in this namespace is looked at; undefined: everything. */
  namespace: string | undefined;
  /** Where the operator is, or would be. */
  operatorNamespace: string;
  /** Deployments of Nodewright. */
  operators: readonly InstalledOperator[];
  /** Those that lead and have no Deployment in the cluster. */
  outside: readonly OutsideOperator[];
  /** Why there may be more of them that could not be seen. */
  operatorsHidden?: string;
  /** Of all kinds whose CRD is installed. */
  resources: readonly { kind: Kind; object: KubeObject }[];
  /** Why there may be more. */
  resourcesHidden: readonly string[];
  /** Those to look at; default: all. */
  kinds?: readonly Kind[];
};

export async function lookAround(
  { kube, namespace: own }: Connection,
  options: { namespace?: string; operatorNamespace?: string },
): Promise<Surroundings> {
  const { operators, hidden } = await findOperators(kube, options.operatorNamespace);
  const { resources, refusals, namespace } = await findResources(kube, options.namespace, own);
  const operatorNamespace = options.operatorNamespace ?? operators[0]?.namespace ?? DEFAULT_OPERATOR_NAMESPACE;
  const reporters = resources.flatMap(({ object }) => reporterOf(object) ?? []);
  const outside = await findOutside(kube, new Set([operatorNamespace, ...reporters]), operators);
  return {
    ...{ kube, now: () => new Date(), namespace, operatorNamespace, operators, outside, resources },
    ...(hidden === undefined ? {} : { operatorsHidden: hidden }),
    resourcesHidden: refusals,
  };
}

async function findOperators(
  kube: Kube,
  namespace: string | undefined,
): Promise<{ operators: InstalledOperator[]; hidden?: string }> {
  const labelSelector = Object.entries(OPERATOR_LABELS)
    .map((pair) => pair.join('='))
    .join(',');
  const list = async (where: { namespace?: string }) =>
    (await kube.list<Deployment>(DEPLOYMENTS, { ...where, labelSelector })).map(readInstallation);
  if (namespace !== undefined)
    return list({ namespace }).then(
      (operators) => ({ operators }),
      (error) => ({ operators: [], hidden: refusalOf(error) }),
    );
  try {
    return { operators: await list({}) };
  } catch (error) {
    const hidden = refusalOf(error);
    const operators = await list({ namespace: DEFAULT_OPERATOR_NAMESPACE }).catch(() => []);
    return { operators, hidden };
  }
}

/** Resources say where the Leases are of the operator that has reported on them. */
async function findOutside(
  kube: Kube,
  namespaces: ReadonlySet<string>,
  operators: readonly InstalledOperator[],
): Promise<OutsideOperator[]> {
  const unknown = [...namespaces].filter((name) => !operators.some(({ leaseNamespace }) => leaseNamespace === name));
  const found = await Promise.all(
    unknown.map(async (namespace) => {
      const lease = await kube.get<Lease>(LEASES, { namespace, name: LEASE_NAME }).catch(() => undefined);
      return lease !== undefined && isHeld(lease, new Date())
        ? [{ namespace, holder: lease.spec?.holderIdentity ?? '' }]
        : [];
    }),
  );
  return found.flat();
}

export function isHeld({ spec }: Lease, now: Date): boolean {
  if (!spec?.holderIdentity || spec.renewTime === undefined) return false;
  return Date.parse(spec.renewTime) + (spec.leaseDurationSeconds ?? 15) * 1000 > now.getTime();
}

/** Everywhere, or where one may look. */
async function findResources(kube: Kube, wanted: string | undefined, own: string) {
  const refusals: string[] = [];
  let namespace = wanted;
  const resources: { kind: Kind; object: KubeObject }[] = [];
  for (const kind of KINDS) {
    const served = await kube.discover(apiVersionOf(kind.type));
    if (!served?.some(({ plural }) => plural === kind.type.plural)) continue;
    try {
      const objects = await kube.list<KubeObject>(kind.type, { namespace });
      resources.push(...objects.map((object) => ({ kind, object })));
    } catch (error) {
      refusals.push(refusalOf(error));
      if (namespace !== undefined) continue;
      const objects = await kube.list<KubeObject>(kind.type, { namespace: own }).catch(() => undefined);
      if (objects === undefined) continue;
      namespace = own;
      resources.push(...objects.map((object) => ({ kind, object })));
    }
  }
  return { resources, refusals, namespace };
}

function refusalOf(error: unknown): string {
  if (isForbidden(error)) return (error as Error).message;
  throw error;
}

export function describeObject({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
}
