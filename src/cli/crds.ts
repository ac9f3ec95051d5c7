/** `nodewright crds`: print or install the CustomResourceDefinitions. */
import { setTimeout as sleep } from 'node:timers/promises';
import { KINDS } from '../kinds/index.ts';
import type { Kind } from '../kinds/kind.ts';
import { isForbidden, isNotFound } from '../kube/api-error.ts';
import type { Kube } from '../kube/kube.ts';
import type { CustomResourceDefinition } from '../kube/objects.ts';
import { CUSTOM_RESOURCE_DEFINITIONS, type ResourceType } from '../kube/resource-types.ts';
import { chooseKinds } from './chosen-kinds.ts';
import { type AccessOptions, connectTo } from './cluster-access.ts';
import { findLosses } from './crd-losses.ts';
import { toYaml } from './render.ts';

const SERVED_WITHIN_MS = 30_000;
const FIELDS_SHOWN = 3;

/** Nothing that deletes a CRD because it is no longer in a release deletes these: with one go all its resources. */
const KEEP = { 'helm.sh/resource-policy': 'keep' };

export async function runCrdsPrint(): Promise<number> {
  process.stdout.write(toYaml(KINDS.map(completeCrd)));
  return 0;
}

export async function runCrdsApply(options: AccessOptions & { kinds?: string[] }): Promise<number> {
  const { kube } = await connectTo(options);
  const tell = (why: string) => process.stderr.write(`${why}\n`);
  for (const name of await applyCrds(kube, tell, chooseKinds(options.kinds)))
    process.stdout.write(`customresourcedefinition.apiextensions.k8s.io/${name} applied\n`);
  return 0;
}

function completeCrd(kind: Kind): CustomResourceDefinition {
  const crd = kind.crd();
  return { ...crd, metadata: { ...crd.metadata, annotations: { ...crd.metadata.annotations, ...KEEP } } };
}

/**
 * Applies the CRDs of the kinds and waits until the API server serves them. Returns the names of those that were applied. A CRD is never
 * narrowed: one that is installed and has all of ours and more, as a newer release leaves it, stays as it is, and `onLeftAlone` is told.
 * Where one cannot be replaced without a loss, an Error is thrown before anything is changed; unless it is of a kind that not every
 * operator looks after, which is left alone, too.
 */
export async function applyCrds(
  kube: Kube,
  onLeftAlone: (why: string) => void = () => {},
  kinds: readonly Kind[] = KINDS,
): Promise<string[]> {
  const plans = await Promise.all(kinds.map((kind) => planCrd(kube, kind)));
  const fatal = plans.find(({ refusal, kind }) => refusal !== undefined && kind.isEnabled === undefined);
  if (fatal !== undefined)
    throw new Error(`${fatal.refusal}; nothing was changed. Use the release that installed it, or a newer one`);
  const applied = plans.map(async ({ kind, crd, refusal, isWider }) => {
    const { name } = crd.metadata;
    if (refusal !== undefined) onLeftAlone(`${refusal}; it is left alone, and so are its resources`);
    else if (isWider)
      onLeftAlone(`CustomResourceDefinition ${name}: the installed one is of a newer release; it stays as it is`);
    else {
      await kube.apply(CUSTOM_RESOURCE_DEFINITIONS, crd, { fieldManager: 'nodewright-crds' });
      await waitUntilServed(kube, name, kind.type);
      return [name];
    }
    return [];
  });
  return (await Promise.all(applied)).flat();
}

type CrdPlan = { kind: Kind; crd: CustomResourceDefinition; refusal?: string; isWider?: boolean };

async function planCrd(kube: Kube, kind: Kind): Promise<CrdPlan> {
  const crd = completeCrd(kind);
  const { name } = crd.metadata;
  const live = await kube.get<CustomResourceDefinition>(CUSTOM_RESOURCE_DEFINITIONS, { name });
  if (live === undefined) return { kind, crd };
  const { reasons, fields } = findLosses(live, crd);
  const refuse = (why: string) => ({
    kind,
    crd,
    refusal: `CustomResourceDefinition ${name}: the installed one ${why}`,
  });
  if (reasons[0] !== undefined) return refuse(reasons[0]);
  if (fields.length === 0) return { kind, crd };
  const missing = findLosses(crd, live);
  if (missing.reasons.length === 0 && missing.fields.length === 0) return { kind, crd, isWider: true };
  const shown = fields.slice(0, FIELDS_SHOWN).join(', ');
  const more = fields.length > FIELDS_SHOWN ? ` and ${fields.length - FIELDS_SHOWN} more` : '';
  return refuse(`has ${shown}${more}, which this release does not know and would drop from its resources`);
}

async function waitUntilServed(kube: Kube, name: string, type: ResourceType): Promise<void> {
  for (const start = Date.now(); Date.now() - start < SERVED_WITHIN_MS; await sleep(100)) {
    const live = await kube.get<CustomResourceDefinition>(CUSTOM_RESOURCE_DEFINITIONS, { name });
    const conditions = live?.status?.conditions ?? [];
    const refused = conditions.find((condition) => condition.type === 'NamesAccepted' && condition.status === 'False');
    if (refused !== undefined) throw new Error(`CustomResourceDefinition ${name} is not accepted: ${refused.message}`);
    const isEstablished = conditions.some(({ type, status }) => type === 'Established' && status === 'True');
    if (isEstablished && (await isServed(kube, type))) return;
  }
  throw new Error(`CustomResourceDefinition ${name} is not served after ${SERVED_WITHIN_MS / 1000} s`);
}

/** An API server says that a CRD is established a moment before it serves it. Who may install CRDs need not be allowed to see resources. */
async function isServed(kube: Kube, type: ResourceType): Promise<boolean> {
  try {
    await kube.listPage(type, { limit: 1 });
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    if (isForbidden(error)) return true;
    throw error;
  }
}
