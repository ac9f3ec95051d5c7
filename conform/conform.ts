/** One family against one folder of goldens. */
import { compareSection, type Difference } from './compare.ts';
import { allows, concernsCase, type Exception } from './exceptions.ts';
import type { Family } from './family.ts';
import type { GoldenCase, GoldenFolder } from './golden-folder.ts';

export type Report = {
  family: string;
  counts: { cases: number; objects: number; vectors: number; intended: number };
  /** Differences that are not meant, a line or more each. */
  faults: string[];
};

/** @param isOwn the folder is the family's own: every exception has to apply there */
export function conform(
  family: Family,
  golden: GoldenFolder,
  exceptions: readonly Exception[],
  isOwn: boolean,
): Report {
  const counts = { cases: golden.cases.length, objects: 0, vectors: 0, intended: 0 };
  const faults: string[] = [];
  const [used, concerned] = [new Set<Exception>(), new Set<Exception>()];
  for (const one of golden.cases) {
    const own = exceptions.filter((exception) => exception.family === family.name && concernsCase(exception, one));
    for (const exception of own) concerned.add(exception);
    const result = compareCase(family, one);
    counts.objects += result.objects;
    for (const difference of result.differences) {
      const exception = own.find((candidate) => allows(candidate, difference));
      if (exception === undefined) faults.push(describe(one.name, difference));
      else {
        used.add(exception);
        counts.intended++;
      }
    }
  }
  for (const [name, vectors] of Object.entries(golden.vectors)) {
    const work = family.vectors[name];
    if (work === undefined) faults.push(`vectors.json ${name}: there is nothing of ours to compare with`);
    for (const { input, ours, theirs } of work?.(vectors) ?? []) {
      counts.vectors++;
      if (JSON.stringify(ours) !== JSON.stringify(theirs))
        faults.push(describe('vectors.json', { object: name, path: input, ours, theirs }));
    }
  }
  const stale = exceptions.filter(
    (exception) => exception.family === family.name && !used.has(exception) && (isOwn || concerned.has(exception)),
  );
  faults.push(...stale.map(describeStale));
  return { family: family.name, counts, faults };
}

function compareCase(family: Family, { input, output }: GoldenCase): { objects: number; differences: Difference[] } {
  const objects = Object.values(output).reduce((sum: number, list) => sum + (Array.isArray(list) ? list.length : 1), 0);
  try {
    const ours = family.render(input);
    const sections = [...new Set([...Object.keys(ours), ...Object.keys(output)])].sort();
    const compareOne = (section: string) => compareSection(section, ours[section], output[section], family.setAside);
    return { objects, differences: sections.flatMap(compareOne) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return {
      objects,
      differences: [{ object: 'cannot be rendered', path: '', ours: message, theirs: Object.keys(output) }],
    };
  }
}

function describe(name: string, { object, path, ours, theirs }: Difference): string {
  return [
    `${name} ${object}${path === '' ? '' : ` ${path}`}`,
    `  ours:   ${show(ours)}`,
    `  theirs: ${show(theirs)}`,
  ].join('\n');
}

function describeStale({ case: name, object, path, bug, reason }: Exception): string {
  const place = `${name} ${object}${path === '' ? '' : ` ${path}`}`;
  return `conform-exceptions.yaml: nothing differs any more at ${place} (${bug === undefined ? '' : `${bug}: `}${reason}); remove the exception`;
}

function show(value: unknown): string {
  return value === undefined ? '(nothing)' : JSON.stringify(value);
}
