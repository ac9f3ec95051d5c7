/** What would be lost by putting one CustomResourceDefinition in the place of another: a CRD that is in use is never narrowed. Pure. */
import type { StructuralSchema } from '../kinds/structural-schema.ts';
import type { CustomResourceDefinition } from '../kube/objects.ts';

export type CrdLosses = {
  /** What keeps a release from working with the CRD, or from changing it, as clauses about the installed one. */
  reasons: string[];
  /** Paths of the fields that the API server would drop from resources from then on. */
  fields: string[];
};

type Version = NonNullable<CustomResourceDefinition['spec']>['versions'][number];

/** @param live as it is installed, with its status */
export function findLosses(live: CustomResourceDefinition, next: CustomResourceDefinition): CrdLosses {
  const reasons: string[] = [];
  for (const [what, found, wanted] of [
    ['scope', live.spec?.scope, next.spec?.scope],
    ['kind', live.spec?.names.kind, next.spec?.names.kind],
    ['plural', live.spec?.names.plural, next.spec?.names.plural],
  ])
    if (found !== wanted) reasons.push(`has ${what} ${found} and this release expects ${wanted}`);

  const nextVersions = next.spec?.versions.filter(({ served }) => served) ?? [];
  const liveVersions = live.spec?.versions ?? [];
  // Objects may be stored in, and programs may use, a version that only a newer release knows.
  const used = new Set([
    ...liveVersions.filter(({ served }) => served).map(({ name }) => name),
    ...(live.status?.storedVersions ?? []),
  ]);
  const known = nextVersions.map(({ name }) => name);
  const unknown = [...used].filter((name) => !known.includes(name));
  if (unknown.length > 0)
    reasons.push(`has version ${unknown.join(', ')} and this release knows only ${known.join(', ')}`);

  const fields: string[] = [];
  for (const version of liveVersions) {
    const after = nextVersions.find(({ name }) => name === version.name);
    if (after === undefined) continue;
    reasons.push(...changedSubresources(version, after));
    fields.push(...lostFields(schemaOf(version), schemaOf(after), ''));
  }
  return { reasons, fields };
}

function changedSubresources(live: Version, next: Version): string[] {
  const name = `in version ${live.name}`;
  const reasons: string[] = [];
  for (const subresource of ['status', 'scale'] as const) {
    const [had, has] = [live, next].map(({ subresources }) => subresources?.[subresource] !== undefined);
    if (had && !has) reasons.push(`has the subresource ${subresource} ${name}, and this release would take it away`);
    // Who writes a status without the subresource would not see that it is ignored from then on.
    if (!had && has && subresource === 'status')
      reasons.push(`has no subresource status ${name}, and this release would add it`);
  }
  return reasons;
}

function lostFields(live: StructuralSchema, next: StructuralSchema, path: string): string[] {
  if (next['x-kubernetes-preserve-unknown-fields'] === true) return [];
  if (live['x-kubernetes-preserve-unknown-fields'] === true && !isOpen(next)) return [`${path || 'any field'}.*`];
  const members = Object.entries(live.properties ?? {}).flatMap(([name, member]) => {
    const after = next.properties?.[name] ?? next.additionalProperties;
    const inner = path === '' ? name : `${path}.${name}`;
    return after === undefined ? [inner] : lostFields(member, after, inner);
  });
  const rest =
    live.additionalProperties === undefined
      ? []
      : next.additionalProperties === undefined
        ? [`${path}.*`]
        : lostFields(live.additionalProperties, next.additionalProperties, `${path}.*`);
  const items = live.items === undefined ? [] : lostFields(live.items, next.items ?? {}, `${path}[]`);
  return [...members, ...rest, ...items];
}

/** `additionalProperties: true` is a schema in the API, and takes anything. */
function isOpen(schema: StructuralSchema): boolean {
  return schema.additionalProperties !== undefined && schema.properties === undefined;
}

function schemaOf(version: Version): StructuralSchema {
  const { metadata: _known, ...properties } = (version.schema?.openAPIV3Schema as StructuralSchema)?.properties ?? {};
  return { ...(version.schema?.openAPIV3Schema as StructuralSchema), properties };
}
