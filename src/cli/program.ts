/** The command line: one entry, subcommands in files of their own. */
import { Command, CommanderError, Option } from 'commander';
import { runCrdsApply, runCrdsPrint } from './crds.ts';
import { runDemo } from './demo.ts';
import { runOperator } from './operator.ts';
import { runPlan } from './plan.ts';
import { runRender } from './render.ts';
import { runStatus } from './status.ts';
import { VERSION } from './version.ts';

/** Runs one command and returns the exit code. What it prints for machines goes to stdout, everything else to stderr. */
export async function runProgram(args: string[]): Promise<number> {
  let code = 0;
  const finish = (work: Promise<number>) =>
    work.then((result) => {
      code = result;
    });
  const program = new Command('nodewright')
    .description(
      'Runs blockchain nodes on Kubernetes: plans, renders and shows what the operator does, and is the operator.',
    )
    .version(VERSION)
    .exitOverride()
    .showHelpAfterError('(add --help for what can be said here)');

  access(program.command('operator'))
    .description('Run the operator, in a pod or from here, until it is stopped.')
    .option('--namespaces <list>', 'watch only these namespaces, separated by commas (default: all)', toList)
    .option(
      '--operator-namespace <name>',
      'namespace of its Leases (default: its own in a pod, else nodewright-system)',
    )
    .option('--agent-image <image>', "image of what runs beside nodes (default: this release's own)")
    .option('--hopr-config <file>', 'how HOPR nodes are run: the configuration file of the HOPR operator')
    .option('--no-leader-elect', 'lead at once, without asking for the Lease (a cluster of your own only)')
    .option('--health-address <address>', 'where /healthz, /readyz and /metrics are served; "off" for nowhere', ':8080')
    .option(
      '--dashboard-address <address>',
      'where the dashboard is served; "off" for nowhere (default: 127.0.0.1:8090 where nobody has it)',
    )
    .option(
      '--dashboard-token-file <file>',
      'file with the token that the dashboard wants; it must have one where its address is not of loopback',
    )
    .addOption(
      new Option('--log-level <level>', 'least level that is logged')
        .choices(['debug', 'info', 'warn', 'error'])
        .default('info'),
    )
    .action((options) => finish(runOperator(options)));

  withExamples(program.command('render'), [
    'nodewright render -f network.yaml',
    'nodewright render -f network.yaml | kubectl apply -f -',
  ])
    .description(
      'Print the objects that a resource stands for, with no cluster at all. Keys are made anew at each call.',
    )
    .requiredOption('-f, --filename <file>', 'YAML file with resources; - for standard input')
    .option('--agent-image <image>', "image of what runs beside nodes (default: this release's own)")
    .option('--hopr-config <file>', 'how HOPR nodes are run: the configuration file of the HOPR operator')
    .action((options) => finish(runRender(options)));

  withExamples(access(program.command('plan')), [
    'nodewright plan -f network.yaml',
    'nodewright plan    # what the operator is about to do with what is there',
  ])
    .description(
      'Print what the operator would change in the cluster, and why. Exit code 0: nothing, 1: changes, 2: an error.',
    )
    .option(
      '-f, --filename <file>',
      'YAML file with resources; - for standard input (default: the resources in the cluster)',
    )
    .option('-n, --namespace <name>', "namespace (default: the context's)")
    .option('--operator-namespace <name>', 'namespace of the operator', 'nodewright-system')
    .option('--agent-image <image>', "image of what runs beside nodes (default: this release's own)")
    .option('--hopr-config <file>', 'how HOPR nodes are run: the configuration file of the HOPR operator')
    .addOption(new Option('-o, --output <form>', 'how to print it').choices(['text', 'json', 'yaml']).default('text'))
    .action((options) => finish(runPlan(options)));

  withExamples(access(program.command('status')), [
    'nodewright status',
    'nodewright status demo --watch',
    'nodewright status -A -o json',
  ])
    .description('Show resources and their nodes as they are at this moment.')
    .argument('[name]', 'only the resource of this name')
    .option('-n, --namespace <name>', "namespace (default: the context's)")
    .option('-A, --all-namespaces', 'all namespaces')
    .option('-w, --watch', 'show it again every two seconds')
    .option('--operator-namespace <name>', 'namespace of the operator', 'nodewright-system')
    .option('--hopr-config <file>', 'how HOPR nodes are run: the configuration file of the HOPR operator')
    .addOption(new Option('-o, --output <form>', 'how to print it').choices(['table', 'json', 'yaml']).default('table'))
    .action((name, options) => finish(runStatus(name, options)));

  const crds = program.command('crds').description('The CustomResourceDefinitions of this release.');
  crds
    .command('print')
    .description('Print them as YAML.')
    .action(() => finish(runCrdsPrint()));
  access(crds.command('apply'))
    .description('Apply them to the cluster and wait until they are served.')
    .action((options) => finish(runCrdsApply(options)));

  withExamples(program.command('demo'), [
    'npm run demo',
    'npm run demo -- --height 20 --down',
    'npm run demo -- --context kind-test',
  ])
    .description('Bring up a cluster, run the operator in it and watch four validators make blocks.')
    .option('--context <name>', 'use this context of your kubeconfig instead of a cluster made for the purpose')
    .option('--height <number>', 'end with status 0 once every node is at this height', toNumber)
    .option('--timeout <seconds>', 'how long the network may take once the cluster is up', toNumber, 300)
    .option('--down', 'remove everything again at the end, a cluster made for the purpose included')
    .action((options) => finish(runDemo(options)));

  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`nodewright: ${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  return code;
}

/** How to reach a cluster, as kubectl takes it. */
function access(command: Command): Command {
  return command
    .option('--kubeconfig <file>', 'kubeconfig file (default: KUBECONFIG, else ~/.kube/config, else that of the pod)')
    .option('--context <name>', 'context of the kubeconfig (default: its current one)');
}

function withExamples(command: Command, lines: string[]): Command {
  return command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`);
}

function toList(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function toNumber(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new CommanderError(2, 'invalid-number', `${text} is no whole number`);
}
