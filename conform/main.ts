/**
 * `npm run conform [-- family] [--golden DIR]`: compares what we make with goldens of the operators that we stand in for. Exit code 0 when
 * nothing differs but what conform-exceptions.yaml lists, 1 when something does, 2 when there is nothing to compare with.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { conform } from './conform.ts';
import { COSMOS } from './cosmos.ts';
import { readExceptions } from './exceptions.ts';
import type { Family } from './family.ts';
import { readGoldenFolder } from './golden-folder.ts';
import { HOPR } from './hopr.ts';
import { SYMBOL } from './symbol.ts';

const FAMILIES: readonly Family[] = [COSMOS, HOPR, SYMBOL];
const OWN_GOLDENS = join(import.meta.dirname, '../../shared/golden');
const EXCEPTIONS = join(import.meta.dirname, 'conform-exceptions.yaml');
const NOTHING_TO_COMPARE = 2;

try {
  process.exitCode = run(process.argv.slice(2));
} catch (error) {
  console.error(`conform: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = NOTHING_TO_COMPARE;
}

function run(argv: string[]): number {
  const { values, positionals } = parseArgs({
    args: argv,
    options: { golden: { type: 'string' } },
    allowPositionals: true,
  });
  const exceptions = readExceptions(EXCEPTIONS);
  let failed = false;
  for (const family of chooseFamilies(positionals, values.golden)) {
    const folder = values.golden === undefined ? join(OWN_GOLDENS, family.name) : fromCaller(values.golden);
    if (!existsSync(folder))
      throw new Error(`no goldens of ${family.name}: there is no folder ${folder}; --golden DIR takes others`);
    const goldens = (family.readGoldens ?? readGoldenFolder)(folder);
    const { counts, faults } = conform(family, goldens, exceptions, values.golden === undefined);
    for (const fault of faults) console.log(`${fault}\n`);
    console.log(
      `${family.name}: ${counts.cases} cases with ${counts.objects} objects, ${counts.vectors} vectors; ` +
        `${counts.intended} differences that are meant, ${faults.length} others`,
    );
    failed ||= faults.length > 0;
  }
  return failed ? 1 : 0;
}

function chooseFamilies(names: string[], golden: string | undefined): readonly Family[] {
  const known = FAMILIES.map(({ name }) => name).join(', ');
  const chosen = names.map((name) => {
    const family = FAMILIES.find((candidate) => candidate.name === name);
    if (family === undefined) throw new Error(`no family ${name}; there are: ${known}`);
    return family;
  });
  // Other goldens are of one family: of the first, unless another is named.
  if (golden !== undefined) return chosen.length === 0 ? FAMILIES.slice(0, 1) : chosen;
  return chosen.length === 0 ? FAMILIES : chosen;
}

/** npm runs scripts in the project's folder, wherever they were called. */
function fromCaller(path: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), path);
}
