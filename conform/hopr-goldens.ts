/**
 * Goldens of the HOPR operator: what was in a namespace while it ran, one object in each file, `<kind>-<name>.json`. The input of a case is
 * one of its resources, with the others around it; the output is what that resource owns.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeObject } from '../src/kube/objects.ts';
import type { Json } from './family.ts';
import type { GoldenCase, GoldenFolder } from './golden-folder.ts';
import { listStretches } from './hopr-writes.ts';

/** A resource, and everything else that was there. */
export type HoprInput = KubeObject & { around: KubeObject[] };

const RESOURCES: readonly string[] = ['IdentityPool', 'IdentityHoprd', 'ClusterHoprd', 'Hoprd'];
/** Every write of the run, in order. */
const WRITES = 'write-order.txt';

/** Throws an Error that says what is missing. */
export function readHoprGoldens(folder: string): GoldenFolder {
  const objects = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as KubeObject);
  const cases = objects.filter(({ kind }) => RESOURCES.includes(kind)).map((object) => caseOf(object, objects));
  if (cases.length === 0)
    throw new Error(`there are no goldens in ${folder}: it holds no JSON file with a resource of hoprnet.org`);
  const writes = join(folder, WRITES);
  if (!existsSync(writes)) return { cases, vectors: {} };
  const text = readFileSync(writes, 'utf8');
  return { cases, vectors: { events: listEvents(text), writes: listStretches(text) } };
}

function caseOf(resource: KubeObject, objects: KubeObject[]): GoldenCase {
  const { kind, metadata } = resource;
  const owned = objects.filter(
    (object) =>
      object.metadata.namespace === metadata.namespace &&
      object.metadata.ownerReferences?.some((owner) => owner.kind === kind && owner.name === metadata.name) &&
      // Identities are the user's own; they only go with their pool.
      object.kind !== 'IdentityHoprd',
  );
  const output: Json = {};
  for (const object of owned) output[sectionOf(object)] = [...((output[sectionOf(object)] as Json[]) ?? []), object];
  const input: HoprInput = { ...resource, around: objects.filter((object) => object !== resource) };
  return { name: `${kind}/${metadata.name}`, input, output };
}

/** Such as `serviceMonitors`. */
export function sectionOf({ kind }: KubeObject): string {
  const name = kind.charAt(0).toLowerCase() + kind.slice(1);
  return name.endsWith('s') ? `${name}es` : `${name}s`;
}

/** The distinct events, as `kind | type | reason | note | action`. */
function listEvents(writes: string): string[] {
  const events = writes.split('\n').flatMap((line) => {
    const [, kind, type, reason, rest] = /^\S+ event +(\w+)\/\S+ (\w+) (\w+) \| (.*)$/.exec(line) ?? [];
    return kind === undefined ? [] : [`${kind} | ${type} | ${reason} | ${rest}`];
  });
  return [...new Set(events)];
}
