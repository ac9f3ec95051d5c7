/**
 * Whether the Cosmos Operator (the one written in Go) still runs in the cluster. While it does, nothing is written: two operators with
 * different ideas of the same pods would restart them in turn.
 */
import type { Deployment, Lease } from '../kube/objects.ts';
import type { Reader } from '../kube/reader.ts';
import { DEPLOYMENTS, LEASES } from '../kube/resource-types.ts';
import type { ReconcilerContext } from './kind.ts';
import { listInEach, lookNowAndThen } from './original-operator.ts';

/** Its leader election (spec cosmos §3.1). */
const LEASE_NAME = '16e1bc09.strange.love';
/** Its Deployment, which may run without leader election (spec cosmos §4.5). */
const DEPLOYMENT_LABELS = { 'control-plane': 'controller-manager' };
const IMAGE = /(^|\/)cosmos-operator([:@]|$)/;
const DEFAULT_LEASE_SECONDS = 15;

type Context = Pick<ReconcilerContext, 'reader' | 'options' | 'now'>;

export function guardAgainstOriginal({ reader, options, now }: Context): () => Promise<string | undefined> {
  return lookNowAndThen(now, () => findOriginal(reader, options.namespaces, now()));
}

async function findOriginal(
  reader: Reader,
  namespaces: readonly string[] | undefined,
  now: Date,
): Promise<string | undefined> {
  const leases = await listInEach(namespaces, (where) => reader.list<Lease>(LEASES, { ...where, name: LEASE_NAME }));
  const held = leases.find((lease) => isHeld(lease, now));
  if (held !== undefined)
    return `the Cosmos Operator still runs: it holds Lease ${held.metadata.namespace}/${LEASE_NAME}. Scale its Deployment to 0 first`;
  const deployments = await listInEach(namespaces, (where) =>
    reader.list<Deployment>(DEPLOYMENTS, { ...where, labels: DEPLOYMENT_LABELS }),
  );
  const running = deployments.find(isOriginal);
  return running === undefined
    ? undefined
    : `the Cosmos Operator still runs: Deployment ${running.metadata.namespace}/${running.metadata.name} has ready pods. Scale it to 0 first`;
}

function isHeld({ spec }: Lease, now: Date): boolean {
  if (!spec?.holderIdentity || spec.renewTime === undefined) return false;
  const seconds = spec.leaseDurationSeconds ?? DEFAULT_LEASE_SECONDS;
  return Date.parse(spec.renewTime) + seconds * 1000 > now.getTime();
}

function isOriginal({ spec, status }: Deployment): boolean {
  const containers = spec?.template.spec?.containers ?? [];
  return (status?.readyReplicas ?? 0) > 0 && containers.some(({ image }) => IMAGE.test(image ?? ''));
}
