/** Whether the CRDs are installed, served, and those of this release. */
import { KINDS } from '../../kinds/index.ts';
import type { Kind } from '../../kinds/kind.ts';
import type { CustomResourceDefinition } from '../../kube/objects.ts';
import { apiVersionOf, CUSTOM_RESOURCE_DEFINITIONS } from '../../kube/resource-types.ts';
import { differences } from '../../reconcile/difference.ts';
import { findLosses } from '../crd-losses.ts';
import { VERSION } from '../version.ts';
import { type Finding, listSome } from './finding.ts';
import type { Surroundings } from './surroundings.ts';

const APPLY = 'apply the CRDs of this release: nodewright crds apply';

export async function checkCrds({ kube, kinds = KINDS }: Pick<Surroundings, 'kube' | 'kinds'>): Promise<Finding[]> {
  const installed = await kube.list<CustomResourceDefinition>(CUSTOM_RESOURCE_DEFINITIONS);
  const entries = kinds.map((kind) => {
    const wanted = kind.crd();
    return { kind, wanted, live: installed.find(({ metadata }) => metadata.name === wanted.metadata.name) };
  });
  const missing = entries.filter(({ live }) => live === undefined).map(({ wanted }) => wanted.metadata.name);
  const findings = entries.flatMap(({ kind, wanted, live }) => (live === undefined ? [] : compare(kind, wanted, live)));
  if (missing.length > 0)
    findings.unshift({
      ...{ check: 'crds', level: 'error', message: `not installed: ${missing.join(', ')}` },
      fix: `${APPLY}. An operator does not start before they are there`,
    });
  const served = await Promise.all([...new Set(kinds.map(({ type }) => apiVersionOf(type)))].map(isServed));
  const isFine = findings.every(({ level }) => level === 'info') && served.every((fine) => fine);
  return isFine
    ? [
        { check: 'crds', level: 'ok', message: `all ${kinds.length} are installed, as release ${VERSION} has them` },
        ...findings,
      ]
    : findings;

  async function isServed(groupVersion: string): Promise<boolean> {
    return (await kube.discover(groupVersion)) !== undefined;
  }
}

/** Pure. */
export function compare(kind: Kind, wanted: CustomResourceDefinition, live: CustomResourceDefinition): Finding[] {
  const subject = `CustomResourceDefinition ${wanted.metadata.name}`;
  const problem = (level: 'error' | 'warning', message: string, fix: string): Finding[] => [
    { check: 'crds', level, subject, message, fix },
  ];
  const conditions = live.status?.conditions ?? [];
  const refused = conditions.find(({ type, status }) => type === 'NamesAccepted' && status === 'False');
  if (refused !== undefined)
    return problem('error', `its names are not accepted: ${refused.message}`, 'remove the CRD that has the same names');
  if (!conditions.some(({ type, status }) => type === 'Established' && status === 'True'))
    return problem(
      'error',
      'it is not established',
      'see kubectl describe crd; if it is being deleted, wait, then apply it again',
    );
  if (live.metadata.deletionTimestamp !== undefined)
    return problem(
      'error',
      'it is being deleted, with all resources of its kind',
      'wait for the end, then apply it again',
    );
  const known = wanted.spec?.versions.map(({ name }) => name) ?? [];
  const stored = (live.status?.storedVersions ?? []).filter((version) => !known.includes(version));
  if (stored.length > 0)
    return problem(
      'error',
      `resources are stored in version ${stored.join(', ')}, which release ${VERSION} does not know`,
      'use the release that installed it, or a newer one',
    );
  const version = live.spec?.versions.find(({ name }) => name === kind.type.version);
  if (version?.served !== true) return problem('error', `it does not serve version ${kind.type.version}`, APPLY);
  const ours = wanted.spec?.versions.find(({ name }) => name === kind.type.version);
  const lacks = findLosses(wanted, live).fields;
  const adds = findLosses(live, wanted).fields;
  if (lacks.length > 0)
    return problem(
      'warning',
      `it lacks fields of release ${VERSION}, which the API server drops without a word: ${listSome(lacks)}`,
      APPLY,
    );
  if (adds.length > 0)
    return problem(
      'warning',
      `it has fields that release ${VERSION} does not know: ${listSome(adds)}`,
      'it is probably that of a newer release: use the command and the operator of that one',
    );
  const [wants, has] = [ours?.schema?.openAPIV3Schema, version.schema?.openAPIV3Schema];
  if (differences(wants, has).length + differences(has, wants).length > 0)
    return problem('warning', `its rules or descriptions are not those of release ${VERSION}`, APPLY);
  return [];
}
