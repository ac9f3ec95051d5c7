/** Events of the HOPR operator, with ours of the same reason beside them. */
import { describeEvent } from '../src/kinds/hopr/event-notes.ts';
import type { Family } from './family.ts';

type Vector = ReturnType<Family['vectors'][string]>[number];
type Kind = Parameters<typeof describeEvent>[0];
type Describe = (kind: Kind, reason: string, about: string) => ReturnType<typeof describeEvent> | undefined;

/** Stands for a name or number in a note. */
const SOMETHING = '<something>';

/** @param events as `kind | type | reason | note | action`, each once */
export function compareEvents(events: unknown): Vector[] {
  return (events as string[]).map((theirs) => {
    const [kind = '', , reason = ''] = theirs.split(' | ');
    const text = (describeEvent as Describe)(kind as Kind, reason, SOMETHING);
    const ours = text === undefined ? undefined : [kind, text.type, reason, text.note, text.action].join(' | ');
    return { input: `${kind} ${reason}`, ours: fillIn(ours, theirs), theirs };
  });
}

/** Ours about whatever theirs is about. */
function fillIn(ours: string | undefined, theirs: string): string | undefined {
  const [before = '', after] = (ours ?? '').split(SOMETHING);
  if (after === undefined || !theirs.startsWith(before) || !theirs.endsWith(after)) return ours;
  return before + theirs.slice(before.length, theirs.length - after.length) + after;
}
