/**
 * `nodewright release`: takes our finalizers off resources, so that they can be deleted, or handed back to the operator that they came
 * from, when Nodewright is no longer there. Nothing else of a resource is changed, and nothing of its nodes.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kind } from '../kinds/kind.ts';
import { isConflict, isNotFound } from '../kube/api-error.ts';
import type { Kube } from '../kube/kube.ts';
import { type KubeObject, keyOf, type Lease } from '../kube/objects.ts';
import { LEASES } from '../kube/resource-types.ts';
import { chooseKinds } from './chosen-kinds.ts';
import { type AccessOptions, connectTo } from './cluster-access.ts';
import { LEASE_NAME } from './operator.ts';
import { DEFAULT_OPERATOR_NAMESPACE } from './version.ts';

const OURS = 'nodewright.dev/';
/** The HOPR operator's own, which we keep up where we look after its resources. */
const OF_HOPR_OPERATOR = 'hoprds.hoprnet.org/finalizer';
const ATTEMPTS = 5;
const LEASE_LOOK_MS = 500;

type ReleaseOptions = AccessOptions & {
  kinds?: string[];
  namespace?: string;
  operatorNamespace?: string;
  dryRun?: boolean;
};

export async function runRelease(options: ReleaseOptions): Promise<number> {
  const { kube } = await connectTo(options);
  const operatorNamespace = options.operatorNamespace ?? DEFAULT_OPERATOR_NAMESPACE;
  if (options.dryRun !== true) await waitForNobodyToLead(kube, operatorNamespace);
  const { released, kept } = await releaseResources(kube, {
    kinds: chooseKinds(options.kinds),
    includesHopr: options.kinds !== undefined,
    ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
    dryRun: options.dryRun === true,
  });
  for (const line of released) process.stdout.write(`${line}${options.dryRun ? ' (dry run)' : ''}\n`);
  for (const line of kept) process.stderr.write(`${line}\n`);
  if (released.length === 0) process.stderr.write('no resource has a finalizer of ours\n');
  return 0;
}

/**
 * Takes our finalizers off all resources of the kinds, in one namespace or all. The HOPR operator's finalizer, which may be its own again
 * by now, is taken off only with `includesHopr`. A kind that the cluster does not know has no resources.
 */
export async function releaseResources(
  kube: Kube,
  options: { kinds: readonly Kind[]; includesHopr: boolean; namespace?: string; dryRun: boolean },
): Promise<{ released: string[]; kept: string[] }> {
  const { namespace, dryRun } = options;
  const released: string[] = [];
  const kept: string[] = [];
  for (const { type, name: kindName } of options.kinds) {
    for (const resource of await listAll(kube, type, namespace)) {
      const what = `${type.plural}.${type.group}/${resource.metadata.name} in namespace ${resource.metadata.namespace}`;
      if (!options.includesHopr && resource.metadata.finalizers?.includes(OF_HOPR_OPERATOR)) {
        kept.push(`${what} keeps ${OF_HOPR_OPERATOR}: to take that off, too, add --kinds ${kindName}`);
        continue;
      }
      if (!(resource.metadata.finalizers ?? []).some(isOurs)) continue;
      await releaseOne(kube, type, resource, dryRun);
      released.push(
        resource.metadata.deletionTimestamp === undefined ? `${what} released` : `${what} released, and gone`,
      );
    }
  }
  return { released, kept };
}

/**
 * An operator that was uninstalled may have had no right any more to give its Lease back: that runs out by itself. Throws an Error when
 * it is renewed instead.
 */
async function waitForNobodyToLead(kube: Kube, namespace: string): Promise<void> {
  const key = { namespace, name: LEASE_NAME };
  const first = (await kube.get<Lease>(LEASES, key))?.spec;
  for (let spec = first; isHeld(spec, new Date()); spec = (await kube.get<Lease>(LEASES, key))?.spec) {
    const wasRenewed = spec?.renewTime !== first?.renewTime || spec?.holderIdentity !== first?.holderIdentity;
    if (wasRenewed) {
      throw new Error(
        `Lease ${namespace}/${LEASE_NAME}: ${spec?.holderIdentity} leads, and would put the finalizers back. Uninstall the operator ` +
          `first, or: kubectl scale deployment nodewright --namespace ${namespace} --replicas 0`,
      );
    }
    if (spec === first) process.stderr.write(`waiting for Lease ${namespace}/${LEASE_NAME} to run out or be renewed\n`);
    await sleep(LEASE_LOOK_MS);
  }
}

function isHeld(spec: Lease['spec'], now: Date): boolean {
  if (!spec?.holderIdentity || spec.renewTime === undefined) return false;
  return Date.parse(String(spec.renewTime)) + (spec.leaseDurationSeconds ?? 0) * 1000 > now.getTime();
}

async function listAll(kube: Kube, type: Kind['type'], namespace: string | undefined): Promise<KubeObject[]> {
  try {
    return await kube.list<KubeObject>(type, { namespace });
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

/** The list is replaced as a whole, so it must be the one that was read. */
async function releaseOne(kube: Kube, type: Kind['type'], resource: KubeObject, dryRun: boolean): Promise<void> {
  let current: KubeObject | undefined = resource;
  for (let attempt = 1; current !== undefined; attempt += 1) {
    const { uid, resourceVersion, finalizers = [] } = current.metadata;
    const left = finalizers.filter((name) => !isOurs(name));
    try {
      await kube.mergePatch(type, keyOf(current), { metadata: { uid, resourceVersion, finalizers: left } }, { dryRun });
      return;
    } catch (error) {
      if (isNotFound(error)) return;
      if (!isConflict(error) || attempt === ATTEMPTS) throw error;
      current = await kube.get(type, keyOf(resource));
    }
  }
}

function isOurs(finalizer: string): boolean {
  return finalizer.startsWith(OURS) || finalizer === OF_HOPR_OPERATOR;
}
