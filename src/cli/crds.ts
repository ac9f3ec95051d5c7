/** `nodewright crds`: print or install the CustomResourceDefinitions. */
import { setTimeout as sleep } from 'node:timers/promises';
import { KINDS } from '../kinds/index.ts';
import { isForbidden, isNotFound } from '../kube/api-error.ts';
import type { Kube } from '../kube/kube.ts';
import type { CustomResourceDefinition } from '../kube/objects.ts';
import { CUSTOM_RESOURCE_DEFINITIONS, type ResourceType } from '../kube/resource-types.ts';
import { type AccessOptions, connectTo } from './cluster-access.ts';
import { toYaml } from './render.ts';

const SERVED_WITHIN_MS = 30_000;

export async function runCrdsPrint(): Promise<number> {
  process.stdout.write(toYaml(KINDS.map((kind) => kind.crd())));
  return 0;
}

export async function runCrdsApply(options: AccessOptions): Promise<number> {
  const { kube } = await connectTo(options);
  for (const name of await applyCrds(kube, (why) => process.stderr.write(`${why}\n`)))
    process.stdout.write(`customresourcedefinition.apiextensions.k8s.io/${name} applied\n`);
  return 0;
}

/**
 * Applies every CRD and waits until the API server serves it. Returns their names. Throws an Error before it changes anything when an
 * installed one has more than ours; one of a kind that not every operator looks after is left alone then, and `onLeftAlone` told.
 */
export async function applyCrds(kube: Kube, onLeftAlone: (why: string) => void = () => {}): Promise<string[]> {
  const names: string[] = [];
  const crds = KINDS.map((kind) => ({ type: kind.type, crd: kind.crd(), isOptional: kind.isEnabled !== undefined }));
  const refusals = await Promise.all(crds.map(({ crd }) => whyRefused(kube, crd)));
  const fatal = refusals.find((why, index) => why !== undefined && crds[index]?.isOptional === false);
  if (fatal !== undefined)
    throw new Error(`${fatal}; nothing was changed. Use the release that installed it, or a newer one`);
  for (const [index, { type, crd }] of crds.entries()) {
    const refusal = refusals[index];
    if (refusal !== undefined) {
      onLeftAlone(`${refusal}; it is left alone, and so are its resources`);
      continue;
    }
    const { name } = crd.metadata;
    await kube.apply(CUSTOM_RESOURCE_DEFINITIONS, crd, { fieldManager: 'nodewright-crds' });
    await waitUntilServed(kube, name, type);
    names.push(name);
  }
  return names;
}

/** Objects may be stored in, and programs may use, a version that only a newer release knows. */
async function whyRefused(kube: Kube, crd: CustomResourceDefinition): Promise<string | undefined> {
  const { name } = crd.metadata;
  const live = await kube.get<CustomResourceDefinition>(CUSTOM_RESOURCE_DEFINITIONS, { name });
  const ours = crd.spec?.versions.filter(({ served }) => served).map((version) => version.name) ?? [];
  const served = live?.spec?.versions.filter((version) => version.served).map((version) => version.name) ?? [];
  const versions = new Set([...served, ...(live?.status?.storedVersions ?? [])]);
  const unknown = [...versions].filter((version) => !ours.includes(version));
  if (unknown.length === 0) return undefined;
  return `CustomResourceDefinition ${name}: the installed one has version ${unknown.join(', ')} and this release knows only ${ours.join(', ')}`;
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
