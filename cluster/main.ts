import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { clusterDown, clusterStatus, clusterUp, findKubeconfig, loadImageTar, loadOwnImage } from './cluster.ts';
import { cacheFolder, clusterFolder } from './folders.ts';
import { formatElapsed } from './progress.ts';
import type { ClusterStatus } from './status.ts';

const program = new Command('npm run cluster --')
  .description(
    'A disposable single-node Kubernetes for the demo, the tests and the benchmarks: real, and of this machine.',
  )
  .addHelpText(
    'after',
    `
Folders:
  the cluster      ${clusterFolder()}  (NODEWRIGHT_CLUSTER_DIR)
  the build cache  ${cacheFolder()}  (NODEWRIGHT_CACHE)

cluster/README.md says more.`,
  );

program
  .command('up')
  .description('start the cluster, building and installing what is missing; does nothing to one that runs')
  .option(
    '--for-tests',
    'bring what only tests need, too: an image, and storage with snapshots; minutes more on a new machine',
  )
  .action(async ({ forTests }: { forTests?: boolean }) => {
    const cluster = await clusterUp({ forTests: forTests === true });
    print(`kubectl:    ${cluster.kubectl}`);
    print(`kubeconfig: ${cluster.kubeconfigPath}`);
    print(`To use it:  export KUBECONFIG=${cluster.kubeconfigPath}`);
  });

program
  .command('down')
  .description('end the cluster and remove everything but the build cache and installed packages')
  .action(async () => {
    await clusterDown();
  });

program
  .command('status')
  .description('show the parts of the cluster; the exit status is 0 when all are healthy')
  .action(async () => {
    const status = await clusterStatus();
    if (status === undefined) print('There is no cluster: npm run cluster -- up');
    else print(renderStatus(status));
    process.exitCode = status?.healthy === true ? 0 : 1;
  });

program
  .command('kubeconfig')
  .description('print the path of the kubeconfig, as in: export KUBECONFIG=$(npm run -s cluster -- kubeconfig)')
  .option('--content', 'print the kubeconfig itself')
  .action(({ content }: { content?: boolean }) => {
    const file = findKubeconfig();
    if (file === undefined) throw new Error('There is no cluster: npm run cluster -- up');
    print(content === true ? readFileSync(file, 'utf8').trimEnd() : file);
  });

program
  .command('load')
  .description('load image tars into the cluster; without one, our own image, bundled from the sources')
  .argument('[tar...]', 'files made by docker save, or tars in the OCI layout')
  .option('--tag <name>', 'name of our own image, like nodewright/nodewright:next')
  .addHelpText('after', '\nNODEWRIGHT_VERSION sets the version that our image says it is.')
  .action(async (tars: string[], { tag }: { tag?: string }) => {
    if (tars.length === 0) print(await loadOwnImage(tag === undefined ? {} : { name: tag }));
    for (const tar of tars) for (const name of await loadImageTar(tar)) print(name);
  });

function renderStatus(status: ClusterStatus): string {
  const rows = status.components.map(({ name, pid, ageMs, healthy, reason }) => [
    name,
    pid === undefined ? '-' : `${pid}`,
    ageMs === undefined ? '-' : formatElapsed(ageMs),
    healthy ? 'healthy' : (reason ?? 'not healthy'),
  ]);
  const table = [['COMPONENT', 'PID', 'UP', 'HEALTH'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => (row[column] as string).length)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [...lines, '', `kubeconfig: ${status.kubeconfigPath}`].join('\n');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

program.parseAsync().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
