/**
 * The two stamps on a pod (design, "Writing"): of what the user asked for, which restarts it when it changes, and of what we rendered,
 * which waits for the next restart. Each is a list of named parts, so that a difference has a name.
 */
import type { KubeObject } from '../kube/objects.ts';
import { ANNOTATION_ASKED, ANNOTATION_RENDERED } from './labels.ts';
import { stampOf } from './stamp.ts';

/** `part=<stamp>` for every part that is there. */
export function formatParts(parts: Record<string, unknown>): string {
  return Object.entries(parts)
    .filter(([, value]) => value !== undefined)
    .map(([part, value]) => `${part}=${stampOf(value)}`)
    .join(' ');
}

/** Names of the parts of the asked stamp in which two pods, or what makes them, differ. */
export function changedAsked(live: KubeObject, desired: KubeObject): string[] {
  return changedParts(live, desired, ANNOTATION_ASKED);
}

/** The parts of the rendered stamp in which two pods differ, by the names that a person knows; undefined when in none. */
export function describeRendered(
  live: KubeObject,
  desired: KubeObject,
  names: Record<string, string>,
): string | undefined {
  const changed = changedParts(live, desired, ANNOTATION_RENDERED);
  return changed.length === 0 ? undefined : changed.map((part) => names[part] ?? part).join(', ');
}

function changedParts(live: KubeObject, desired: KubeObject, annotation: string): string[] {
  const [old, next] = [live, desired].map(
    ({ metadata }) =>
      new Map((metadata.annotations?.[annotation] ?? '').split(' ').map((part) => part.split('=') as [string, string])),
  ) as [Map<string, string>, Map<string, string>];
  return [...new Set([...old.keys(), ...next.keys()])].filter((part) => old.get(part) !== next.get(part));
}
