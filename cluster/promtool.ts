/** promtool, Prometheus' own checker of rules, built when a test asks for it. */
import { join } from 'node:path';
import { ensureBuilt } from './builds.ts';
import { cacheFolder, findProjectRoot } from './folders.ts';
import { startProgress } from './progress.ts';

/** The program's path. The first call on a machine compiles it, which takes two to three minutes of two cores. */
export async function ensurePromtool(root = findProjectRoot()): Promise<string> {
  const progress = startProgress((line) => process.stderr.write(`${line}\n`));
  const dir = await ensureBuilt('promtool', { root, cache: cacheFolder(), progress }).finally(progress.stop);
  return join(dir, 'promtool');
}
