/** The command line: one entry, subcommands in files of their own. */
import { Argument, Command, CommanderError, Option } from 'commander';
import { COLOUR_CHOICES, type ColourChoice, hasColours, paintFor } from './colour.ts';
import { withDetails } from './command-details.ts';
import { runComplete } from './complete.ts';
import { runCompletion, SHELLS } from './completion.ts';
import { runCrdsApply, runCrdsPrint } from './crds.ts';
import { runDemo } from './demo.ts';
import { runDoctor } from './doctor.ts';
import { explainError } from './explain-error.ts';
import { runOperator } from './operator.ts';
import { runPlan } from './plan.ts';
import { runRelease } from './release.ts';
import { runRender } from './render.ts';
import { runStatus } from './status.ts';
import { VERSION } from './version.ts';

/** Runs the work of a command, and takes its exit code. */
type Finish = (work: Promise<number>) => Promise<void>;

/**
 * Runs one command and returns the exit code. What it prints for machines goes to stdout, everything else to stderr.
 *
 * @param programName as it was typed: `nodewright`, or `kubectl nodewright`
 */
export async function runProgram(args: string[], programName = 'nodewright'): Promise<number> {
  // What is to be completed are no options of ours: the words never come to the parser.
  if (args[0] === '__complete')
    return runComplete(
      buildProgram(programName, async () => {}),
      args.slice(1),
    );
  let code = 0;
  const program = buildProgram(programName, async (work) => {
    code = await work;
  });
  // Whoever reads only the first lines, as `head` does, has seen what they wanted.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? code : 2));
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`${programName}: ${explainError(error)}\n`);
    return 2;
  }
  return code;
}

/** Every command with its options. Nothing runs before it is parsed. */
export function buildProgram(programName: string, finish: Finish): Command {
  const program = new Command(programName)
    .description(
      'Runs blockchain nodes on Kubernetes: plans, renders and shows what the operator does, and is the operator.',
    )
    .version(VERSION, '-V, --version', 'print the version')
    .addOption(
      new Option('--color <when>', 'colours in what people read; auto: on a terminal, unless NO_COLOR is set')
        .choices(COLOUR_CHOICES)
        .default('auto'),
    )
    .helpOption('-h, --help', 'print what can be said here')
    .exitOverride()
    .showHelpAfterError('(add --help for what can be said here)');
  program.helpCommand(false);
  styleHelp(program);
  const add = (name: string) => program.command(name);
  const say = (command: Command, details: Parameters<typeof withDetails>[2]) =>
    withDetails(command, programName, details);

  program.commandsGroup('To look after nodes:');
  say(access(add('status')), {
    notes: [
      'What to show, as with kubectl: nothing for all resources of the namespace, a KIND, KIND NAME, KIND/NAME, or only a NAME of any kind. Kinds may be given by their short names. A single one is shown in detail.',
    ],
    examples: [
      ['status', "all resources in the context's namespace"],
      ['status -A', 'in all namespaces'],
      ['status cosmosfullnode/cosmoshub --watch', 'one in detail, again every two seconds'],
      ['status tmn -n demo', 'all of a kind, by its short name'],
      ['status -A -o json', 'for programs'],
    ],
    exitCodes: { 0: 'shown', 1: 'a resource that was named does not exist', 2: 'an error, told on standard error' },
  })
    .description('Show resources and their nodes as they are at this moment, asked from the nodes themselves.')
    .argument('[resource...]', 'KIND, KIND NAME, KIND/NAME or NAME (default: all)')
    .option('-n, --namespace <name>', "namespace (default: the context's)")
    .option('-A, --all-namespaces', 'all namespaces')
    .option('-w, --watch', 'show it again every two seconds')
    .addOption(operatorNamespace())
    .addOption(hoprConfig())
    .addOption(output('table', 'wide'))
    .action((targets, _options, command) => finish(runStatus(targets, command.optsWithGlobals())));

  say(access(add('plan')), {
    examples: [
      ['plan -f network.yaml', 'what applying a file would change, and why'],
      ['plan', 'what the operator is about to do with what is there'],
      ['plan cosmosfullnode/cosmoshub -o json', 'one resource, for programs'],
    ],
    exitCodes: {
      0: 'nothing would be changed',
      1: 'there are changes',
      2: 'an error, or a resource has problems that somebody must mend',
    },
  })
    .description('Print what the operator would change in the cluster, and why. Nothing is written.')
    .argument('[resource...]', 'KIND, KIND NAME, KIND/NAME or NAME (default: all)')
    .option(
      '-f, --filename <file>',
      'YAML file with resources; - for standard input (default: the resources in the cluster)',
    )
    .option('-n, --namespace <name>', "namespace (default: the context's)")
    .option('-A, --all-namespaces', 'all namespaces')
    .addOption(operatorNamespace())
    .option('--agent-image <image>', "image of what runs beside nodes (default: this release's own)")
    .addOption(hoprConfig())
    .addOption(podSecurity())
    .addOption(output('text'))
    .action((targets, _options, command) => finish(runPlan(targets, command.optsWithGlobals())));

  say(add('render'), {
    notes: ['Keys are made anew at each call. No cluster is asked.'],
    examples: [
      ['render -f network.yaml', 'the objects of the resources in a file'],
      ['$ PROGRAM render -f network.yaml | kubectl diff -f -', 'compare them with a cluster'],
    ],
  })
    .description('Print the objects that a resource stands for, with no cluster at all.')
    .requiredOption('-f, --filename <file>', 'YAML file with resources; - for standard input')
    .option('--agent-image <image>', "image of what runs beside nodes (default: this release's own)")
    .addOption(hoprConfig())
    .addOption(podSecurity())
    .action((_options, command) => finish(runRender(command.optsWithGlobals())));

  say(access(add('doctor')), {
    notes: [
      'It only reads: besides, it asks the API server for access reviews and for dry runs of pods, which leave nothing behind. What may not be read is said to be unknown.',
    ],
    examples: [
      ['doctor', 'look through everything, in all namespaces'],
      ['doctor -n demo', 'only at the resources of one namespace, where one may see no more'],
      ['$ PROGRAM doctor -o json | jq \'.findings[] | select(.level == "error")\'', 'for programs'],
    ],
    exitCodes: { 0: 'no errors; there may be warnings', 1: 'errors were found', 2: 'the cluster could not be asked' },
  })
    .description('Look for what keeps the operator or nodes from working, and say how to mend it.')
    .option('-n, --namespace <name>', 'look only at the resources of this namespace (default: all)')
    .option('--operator-namespace <name>', 'namespace of the operator (default: where its Deployment is found)')
    .addOption(hoprConfig())
    .addOption(output('text'))
    .action((_options, command) => finish(runDoctor(command.optsWithGlobals())));

  program.commandsGroup('To install and run the operator:');
  say(access(add('operator')), {
    examples: [
      ['operator --kubeconfig admin.kubeconfig --namespaces demo', 'from outside of the cluster, for one namespace'],
    ],
    exitCodes: { 0: 'stopped by a signal', 1: 'it cannot go on, such as without its Lease', 2: 'it could not start' },
  })
    .description('Run the operator, in a pod or from here, until it is stopped.')
    .option('--namespaces <list>', 'watch only these namespaces, separated by commas (default: all)', toList)
    .addOption(chosenKinds('look after only these'))
    .option(
      '--operator-namespace <name>',
      'namespace of its Leases (default: its own in a pod, else nodewright-system)',
    )
    .option('--agent-image <image>', "image of what runs beside nodes (default: this release's own)")
    .addOption(hoprConfig())
    .addOption(podSecurity())
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

  const crds = add('crds').description('The CustomResourceDefinitions of this release.').helpCommand(false);
  say(crds.command('print'), { examples: [['$ PROGRAM crds print > crds.yaml', 'for other ways to install them']] })
    .description('Print the CustomResourceDefinitions of this release as YAML.')
    .action(() => finish(runCrdsPrint()));
  say(access(crds.command('apply')), { examples: [['crds apply', 'before an operator is installed or upgraded']] })
    .description('Apply the CustomResourceDefinitions of this release and wait until they are served.')
    .addOption(chosenKinds('apply only those of these'))
    .action((options) => finish(runCrdsApply(options)));

  say(access(add('release')), {
    notes: [
      'For leaving: resources can be deleted, or given back to the operator that they came from, once no finalizer of ours is on them. Nodes and their data stay as they are. The operator must be gone, as it would put the finalizers back.',
    ],
    examples: [
      ['release --dry-run', 'what would be done'],
      ['release', 'after the operator was uninstalled'],
    ],
  })
    .description('Take the finalizers of Nodewright off all resources.')
    .addOption(chosenKinds('only resources of these'))
    .option('-n, --namespace <name>', 'only in this namespace (default: all)')
    .addOption(operatorNamespace())
    .option('--dry-run', 'only say what would be done')
    .action((_options, command) => finish(runRelease(command.optsWithGlobals())));

  program.commandsGroup('Besides:');
  say(add('demo'), {
    examples: [
      ['demo', 'four validators in a cluster made for the purpose'],
      ['demo --height 20 --down', 'until block 20, then remove everything'],
      ['demo --context kind-test', 'in a cluster of yours'],
    ],
    exitCodes: { 0: 'the height was reached', 1: 'the time was up', 2: 'an error, told on standard error' },
  })
    .description('Bring up a cluster, run the operator in it and watch four validators make blocks.')
    .option('--context <name>', 'use this context of your kubeconfig instead of a cluster made for the purpose')
    .option('--height <number>', 'end with status 0 once every node is at this height', toNumber)
    .option('--timeout <seconds>', 'how long the network may take once the cluster is up', toNumber, 300)
    .option('--down', 'remove everything again at the end, a cluster made for the purpose included')
    .action((options) => finish(runDemo(options)));

  say(add('completion'), {
    notes: [
      'As a kubectl plugin, kubectl completes it by itself once kubectl_complete-nodewright is in the PATH; the npm package brings it along.',
    ],
    examples: [
      ['$ source <(nodewright completion bash)', 'in ~/.bashrc'],
      ['$ nodewright completion zsh > ~/.zfunc/_nodewright', 'once, for zsh, where ~/.zfunc is in fpath'],
      ['$ nodewright completion fish > ~/.config/fish/completions/nodewright.fish', 'once, for fish'],
    ],
  })
    .description('Print a script that lets a shell complete commands, options and names of resources.')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .action((shell) => finish(runCompletion(shell)));
  return program;
}

/** How to reach a cluster, as kubectl takes it. */
function access(command: Command): Command {
  return command
    .option('--kubeconfig <file>', 'kubeconfig file (default: KUBECONFIG, else ~/.kube/config, else that of the pod)')
    .option('--context <name>', 'context of the kubeconfig (default: its current one)');
}

function operatorNamespace(): Option {
  return new Option(
    '--operator-namespace <name>',
    'namespace of the operator (default: of the one that has reported last, else nodewright-system)',
  );
}

/** By the names of their controllers. */
function chosenKinds(what: string): Option {
  return new Option('--kinds <list>', `${what} kinds, separated by commas (default: all)`).argParser(toList);
}

function podSecurity(): Option {
  return new Option(
    '--pod-security <profile>',
    'Restricted adds to pods of adopted kinds what they lack of that profile (default: Original, as they have always been)',
  ).choices(['Original', 'Restricted']);
}

function hoprConfig(): Option {
  return new Option(
    '--hopr-config <file>',
    'how HOPR nodes are run: the configuration file of the HOPR operator (default: they are left alone)',
  );
}

function output(...forPeople: string[]): Option {
  const [usual] = forPeople;
  return new Option('-o, --output <form>', 'how to print it').choices([...forPeople, 'json', 'yaml']).default(usual);
}

function styleHelp(program: Command): void {
  const choice = (): ColourChoice => program.opts<{ color?: ColourChoice }>().color ?? 'auto';
  const paint = paintFor('always');
  program
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: (text) => paint('bold', text),
      styleCommandText: (text) => paint('cyan', text),
      styleSubcommandText: (text) => paint('cyan', text),
      styleOptionText: (text) => paint('cyan', text),
    })
    .configureOutput({
      getOutHasColors: () => hasColours(choice(), process.stdout, process.env),
      getErrHasColors: () => hasColours(choice(), process.stderr, process.env),
    });
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
