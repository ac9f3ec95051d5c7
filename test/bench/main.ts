/**
 * `npm run bench -- NAME [--json] [--rounds N]`: measures, and compares with the design's numbers as ratios taken in one run, because
 * absolute times on a shared machine say little. Works in the cluster of this machine, or in the one that
 * NODEWRIGHT_TEST_KUBECONFIG names.
 */
import { parseArgs } from 'node:util';
import { clusterUp } from '../../cluster/cluster.ts';
import { type BenchCluster, benchNetwork } from './network.ts';
import type { Figure } from './report.ts';
import { formatFigures } from './report.ts';

const BENCHES: Record<
  string,
  (cluster: BenchCluster, rounds: number, say: (line: string) => void) => Promise<Figure[]>
> = {
  network: benchNetwork,
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '3' } },
});
const [name = ''] = positionals;
const bench = BENCHES[name];
const rounds = Number(values.rounds);
if (bench === undefined || !Number.isSafeInteger(rounds) || rounds < 1) {
  process.stderr.write(`usage: npm run bench -- ${Object.keys(BENCHES).join('|')} [--json] [--rounds N]\n`);
  process.exit(2);
}
const say = (line: string) => void process.stderr.write(`${line}\n`);
const named = process.env.NODEWRIGHT_TEST_KUBECONFIG;
const own = named === undefined ? await clusterUp({ print: say }) : undefined;
const figures = await bench(
  { kubeconfig: named ?? own?.kubeconfigPath ?? '', kubectl: own?.kubectl ?? 'kubectl' },
  rounds,
  say,
);
process.stdout.write(values.json ? `${JSON.stringify(figures, null, 2)}\n` : formatFigures(figures));
