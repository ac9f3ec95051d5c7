/**
 * `npm run bench -- NAME [--json]`: measures, and compares with the design's numbers as ratios taken in one run, because absolute times on
 * a shared machine say little. Exit code 1 when a limit is broken.
 *
 * network [--rounds 3]: in the cluster of this machine, or in the one that NODEWRIGHT_TEST_KUBECONFIG names.
 * image [--rounds 3]: as root, without a cluster.
 * dashboard [--rounds 3]: in headless Chromium (Debian package chromium), without a cluster.
 * cosmos-scale [--resources 200] [--replicas 3] [--rounds 3] [--minutes 2]: on control planes of its own; `--growth` for 100 against 1,000.
 */
import { parseArgs } from 'node:util';
import { bundle } from '../../cluster/bring-up.ts';
import { clusterUp } from '../../cluster/cluster.ts';
import { benchCosmosScale, benchGrowth, type ScaleOptions } from './cosmos-scale.ts';
import { benchDashboard } from './dashboard.ts';
import { benchImage } from './image.ts';
import { benchNetwork } from './network.ts';
import { type Figure, formatFigures, isKept, toJson } from './report.ts';

type Options = ScaleOptions & { growth: boolean };
type Say = (line: string) => void;

const BENCHES: Record<string, (options: Options, say: Say) => Promise<Figure[]>> = {
  async network({ rounds }, say) {
    const named = process.env.NODEWRIGHT_TEST_KUBECONFIG;
    const own = named === undefined ? await clusterUp({ print: say }) : undefined;
    const cluster = { kubeconfig: named ?? own?.kubeconfigPath ?? '', kubectl: own?.kubectl ?? 'kubectl' };
    return benchNetwork(cluster, rounds, say);
  },
  dashboard: ({ rounds }, say) => benchDashboard(rounds, say),
  image: ({ rounds }, say) => benchImage(process.cwd(), rounds, say),
  'cosmos-scale': (options, say) => (options.growth ? benchGrowth(options, say) : benchCosmosScale(options, say)),
};

const COUNTS = { rounds: '3', resources: '200', replicas: '3', minutes: '2' };

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    growth: { type: 'boolean', default: false },
    rounds: { type: 'string', default: COUNTS.rounds },
    resources: { type: 'string', default: COUNTS.resources },
    replicas: { type: 'string', default: COUNTS.replicas },
    minutes: { type: 'string', default: COUNTS.minutes },
  },
});
const [name = ''] = positionals;
const bench = BENCHES[name];
const options = {
  growth: values.growth,
  rounds: Number(values.rounds),
  resources: Number(values.resources),
  replicas: Number(values.replicas),
  minutes: Number(values.minutes),
};
const counts = [options.rounds, options.resources, options.replicas, options.minutes];
if (bench === undefined || !counts.every((count) => Number.isSafeInteger(count) && count >= 1)) {
  const flags = Object.entries(COUNTS).map(([flag, count]) => `[--${flag} ${count}]`);
  process.stderr.write(
    `usage: npm run bench -- ${Object.keys(BENCHES).join('|')} [--json] [--growth] ${flags.join(' ')}\n`,
  );
  process.exit(2);
}
const say = (line: string) => void process.stderr.write(`${line}\n`);
await bundle(process.cwd());
const figures = await bench(options, say);
process.stdout.write(values.json ? `${JSON.stringify(toJson(name, figures), null, 2)}\n` : formatFigures(figures));
process.exitCode = figures.every(isKept) ? 0 : 1;
