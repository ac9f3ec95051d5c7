/**
 * `npm test`: every check and every suite, with all that they need set up and taken down again.
 *
 *   npm test                          everything
 *   npm test -- unit apiserver        only these
 *   npm run test:cluster -- NAME      the cluster tests in files where a name contains NAME
 *
 * It works in a cluster of its own, made for the purpose, unless NODEWRIGHT_TEST_KUBECONFIG names another one.
 */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { clusterStatus, clusterUp } from '../cluster/cluster.ts';
import { type DebianPackage, ensurePackages } from '../cluster/packages.ts';
import { startProgress } from '../cluster/progress.ts';
import { KINDS } from '../src/kinds/index.ts';
import { connect } from '../src/kube/client.ts';
import type { Kube } from '../src/kube/kube.ts';
import type { KubeObject } from '../src/kube/objects.ts';
import { apiVersionOf } from '../src/kube/resource-types.ts';
import { type ExitStatus, endAll, run } from './child-processes.ts';
import { addUp, failure, formatTally, success, type Tally, tallyVitest } from './report.ts';

type Step = { name: string; title: string; run: () => Promise<Tally> };

const root = new URL('..', import.meta.url).pathname;
const bin = (name: string) => join(root, 'node_modules/.bin', name);
const scratch = mkdtempSync(join(tmpdir(), 'nodewright-test-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
const dist = join(scratch, 'dist');
const started = Date.now();
/** Set while a cluster runs that was not there before. */
let clusterIsOurs = false;

/** What tests of the agent run; its image has them too. */
const testPackages: readonly DebianPackage[] = [
  // The page of the dashboard is tried in it.
  { name: 'chromium', provides: ['chromium'] },
  { name: 'gzip', provides: ['gzip'] },
  { name: 'lz4', provides: ['lz4'] },
  { name: 'openssl', provides: ['openssl'] },
  { name: 'tar', provides: ['tar'] },
  { name: 'unzip', provides: ['unzip'] },
  { name: 'util-linux', provides: ['unshare'] },
  { name: 'xz-utils', provides: ['xz'] },
  { name: 'zip', provides: ['zip'] },
  { name: 'zstd', provides: ['zstd'] },
];

const checks: Step[] = [
  command('types', 'types (tsc)', [bin('tsc'), '--noEmit']),
  command('page-types', 'types of the page (tsc)', [bin('tsc'), '--noEmit', '-p', 'src/dashboard/page']),
  command('lint', 'format and lint (biome)', [bin('biome'), 'check', '.']),
  command('unused', 'unused code (knip)', [bin('knip')]),
  { name: 'build', title: 'build', run: build },
];

/** What a suite cannot do without. */
const needs: Record<string, string[]> = {
  unit: ['packages'],
  apiserver: ['build'],
  page: ['packages', 'build'],
  cluster: ['build', 'cluster-up'],
};

function allSteps(nameFilter: string | undefined): Step[] {
  const suite = (name: string): Step => ({
    name,
    title: `${name} tests`,
    run: () => runSuite(name, nameFilter),
  });
  return [
    ...checks,
    { name: 'packages', title: 'programs that tests run', run: installPackages },
    suite('unit'),
    suite('page'),
    ...(hasTests('simulation') ? [suite('simulation')] : []),
    { name: 'cluster-up', title: 'a cluster', run: bringClusterUp },
    suite('apiserver'),
    suite('cluster'),
  ];
}

async function main(args: string[]): Promise<number> {
  const steps = chooseSteps(args);
  const tallies: { step: Step; tally: Tally; elapsed: string }[] = [];
  for (const [index, step] of steps.entries()) {
    const begin = Date.now();
    print(`\n━━━ ${index + 1}/${steps.length} ${step.title} ━━━ ${elapsedSince(started)} since the start\n`);
    const tally = await step.run();
    tallies.push({ step, tally, elapsed: elapsedSince(begin) });
    // Without these the suites that follow have nothing to run on.
    if (tally.failed.length > 0 && (step.name === 'build' || step.name === 'cluster-up')) break;
  }
  await takeClusterDown();
  const total = addUp(tallies.map(({ tally }) => tally));
  print(`\n━━━ the whole run took ${elapsedSince(started)} ━━━`);
  for (const { step, tally, elapsed } of tallies) print(`${elapsed.padStart(6)}  ${step.title}: ${formatTally(tally)}`);
  if (total.failed.length > 0) print(`\nfailed:\n${total.failed.map((line) => `  ${line}`).join('\n')}`);
  print(`\n${formatTally(total)}`);
  return total.failed.length === 0 && tallies.length === steps.length ? 0 : 1;
}

/** Names of steps choose those; anything else is part of a test's name. */
function chooseSteps(args: readonly string[]): Step[] {
  const names = allSteps(undefined).map((step) => step.name);
  const chosen = args.filter((arg) => names.includes(arg));
  const rest = args.filter((arg) => !names.includes(arg));
  if (chosen.length === 0 && rest.length > 0) {
    throw new Error(`there is no suite called ${rest.join(' ')}; there are ${names.join(', ')}`);
  }
  const steps = allSteps(rest.length === 0 ? undefined : rest.join(' '));
  const wanted = new Set(chosen.flatMap((name) => [...(needs[name] ?? []), name]));
  return chosen.length === 0 ? steps : steps.filter((step) => wanted.has(step.name));
}

function command(name: string, title: string, [program, ...args]: [string, ...string[]]): Step {
  return {
    name,
    title,
    run: async () => {
      const status = await run(program, args, { cwd: root });
      return status === 0 ? success() : failure(`${title}: ended with ${status}`);
    },
  };
}

async function installPackages(): Promise<Tally> {
  const progress = startProgress(print);
  try {
    await ensurePackages(progress, testPackages);
    return success();
  } catch (error) {
    return failure(`packages: ${error instanceof Error ? error.message : error}`);
  } finally {
    progress.stop();
  }
}

/** The tests of the cluster use a copy, so that the checkout may be built again while they run. */
async function build(): Promise<Tally> {
  const status = await run(process.execPath, ['build.mjs'], { cwd: root });
  if (status !== 0) return failure(`build: ended with ${status}`);
  cpSync(join(root, 'dist'), dist, { recursive: true });
  cpSync(join(root, 'image/package.json'), join(dist, 'package.json'));
  return success();
}

async function runSuite(suite: string, nameFilter: string | undefined): Promise<Tally> {
  const files = nameFilter === undefined ? [] : await findTestFiles(suite, nameFilter);
  if (nameFilter !== undefined && files.length === 0) return failure(`${suite}: no test's name contains ${nameFilter}`);
  const file = join(scratch, `${suite}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  return tallyVitest(suite, file, await runVitest(['run', '--project', suite, ...reporters, ...files]));
}

/** Whole files, because their tests build on each other: those whose name, or the name of a test in them, contains the word. */
async function findTestFiles(suite: string, word: string): Promise<string[]> {
  const file = join(scratch, `${suite}-list.json`);
  const status = await runVitest(['list', '--project', suite, `--json=${file}`]);
  if (status !== 0) throw new Error(`vitest list ended with ${status}`);
  const tests = JSON.parse(readFileSync(file, 'utf8')) as { name: string; file: string }[];
  const found = tests.filter((test) => test.name.includes(word) || relative(root, test.file).includes(word));
  return [...new Set(found.map((test) => relative(root, test.file)))];
}

function runVitest(args: string[]): Promise<ExitStatus> {
  const env = { ...process.env, TMPDIR: scratch, NODEWRIGHT_TEST_DIST: dist, ...clusterEnvironment };
  return run(bin('vitest'), args, { cwd: root, env });
}

let clusterEnvironment: NodeJS.ProcessEnv = {};

async function bringClusterUp(): Promise<Tally> {
  const named = process.env.NODEWRIGHT_TEST_KUBECONFIG;
  if (named !== undefined) {
    const { kube, server } = await connect({ kubeconfig: named });
    print(`Working in the cluster that NODEWRIGHT_TEST_KUBECONFIG names: ${server} (${named})`);
    const foreign = await findForeignResources(kube);
    if (foreign.length === 0) return success();
    return failure(`cluster: has resources that are not of a test, so nothing is tested there: ${foreign.join(', ')}`);
  }
  clusterIsOurs = (await clusterStatus()) === undefined;
  print(
    clusterIsOurs ? 'Working in a cluster made for this run.' : 'Working in the cluster that runs here; it stays up.',
  );
  // In a process of its own, so that a signal can end it at any moment.
  const status = await run(bin('tsx'), ['cluster/main.ts', 'up', '--for-tests'], { cwd: root });
  if (status !== 0) return failure(`cluster: npm run cluster -- up ended with ${status}`);
  const { kubeconfigPath, kubectl } = await clusterUp({ print: () => {} });
  clusterEnvironment = {
    NODEWRIGHT_TEST_KUBECONFIG: kubeconfigPath,
    NODEWRIGHT_TEST_KUBECTL: kubectl,
    NODEWRIGHT_TEST_CLUSTER: 'own',
  };
  return success();
}

/** Resources of our kinds outside of the namespaces that tests make. */
async function findForeignResources(kube: Kube): Promise<string[]> {
  const lists = await Promise.all(
    KINDS.map(async ({ type }) => {
      const served = await kube.discover(apiVersionOf(type));
      if (!served?.some(({ plural }) => plural === type.plural)) return [];
      return kube.list<KubeObject>(type);
    }),
  );
  return lists
    .flat()
    .filter(({ metadata }) => !metadata.namespace?.startsWith('test-'))
    .map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`);
}

async function takeClusterDown(): Promise<void> {
  if (!clusterIsOurs) return;
  clusterIsOurs = false;
  print('');
  await run(bin('tsx'), ['cluster/main.ts', 'down'], { cwd: root });
}

function hasTests(suite: string): boolean {
  const folder = join(root, 'test', suite);
  return existsSync(folder) && readdirSync(folder, { recursive: true }).some((name) => `${name}`.endsWith('.test.ts'));
}

function elapsedSince(begin: number): string {
  const seconds = Math.round((Date.now() - begin) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    print(`\n${signal}: stopping`);
    // A second one ends this process at once.
    void endAll(signal)
      .then(takeClusterDown)
      .finally(() => process.exit(130));
  });
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  async (error: Error) => {
    print(error.message);
    await takeClusterDown();
    process.exit(2);
  },
);
