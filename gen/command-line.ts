/** docs/command-line.md, from the definitions of the commands. */
import type { Command, Option } from 'commander';
import { detailsOf, exitCodesOf, formatExample } from '../src/cli/command-details.ts';
import { CHECKS } from '../src/cli/doctor/finding.ts';
import { buildProgram } from '../src/cli/program.ts';

const PROGRAM = 'nodewright';

export function renderCommandLine(): { path: string; text: string }[] {
  const program = buildProgram(PROGRAM, async () => {});
  const commands = program.commands.flatMap((command) => (command.commands.length > 0 ? command.commands : [command]));
  const lines = [
    '# The command line',
    '',
    '<!-- Made by gen/command-line.ts from src/cli/program.ts. To change it, change those and run: npm run gen -->',
    '',
    ...INTRODUCTION,
    '| command | |',
    '| --- | --- |',
    ...commands.map((command) => `| [\`${nameOf(command)}\`](#${anchorOf(command)}) | ${command.description()} |`),
    '',
    'For every command:',
    '',
    ...renderOptions(program.options),
    ...commands.flatMap(renderCommand),
    ...OUTPUT,
  ];
  return [{ path: 'docs/command-line.md', text: `${lines.join('\n').trimEnd()}\n` }];
}

function renderCommand(command: Command): string[] {
  const details = detailsOf(command);
  const args = command.registeredArguments.map((argument) => {
    const choices = argument.argChoices === undefined ? '' : `: ${argument.argChoices.join(', ')}`;
    return `\`${argument.name()}\`: ${argument.description}${choices}.`;
  });
  return [
    `## ${nameOf(command)}`,
    '',
    command.description(),
    '',
    '```console',
    `$ ${PROGRAM} ${nameOf(command)} ${command.usage()}`.trimEnd(),
    '```',
    '',
    ...args.flatMap((line) => [line, '']),
    ...(details?.notes ?? []).flatMap((note) => [note, '']),
    ...(command.options.length === 0 ? [] : renderOptions(command.options)),
    ...(details === undefined ? [] : renderExamples(details.examples)),
    ...(details?.exitCodes === undefined ? [] : renderExitCodes(exitCodesOf(details))),
  ];
}

function renderOptions(options: readonly Option[]): string[] {
  const rows = options.map((option) => {
    const choices = option.argChoices === undefined ? '' : ` One of ${option.argChoices.map(code).join(', ')}.`;
    const { defaultValue } = option;
    const isTold = defaultValue === undefined || defaultValue === true || defaultValue === false;
    const usual = isTold ? '' : ` Default: ${code(String(defaultValue))}.`;
    return `| ${code(option.flags)} | ${toCell(option.description)}.${choices}${usual} |`;
  });
  return ['| option | |', '| --- | --- |', ...rows, ''];
}

function renderExamples(examples: readonly (readonly [string, string])[]): string[] {
  const lines = examples.flatMap(([args, meaning]) => [`# ${meaning}`, formatExample(PROGRAM, args), '']);
  return ['```sh', ...lines.slice(0, -1), '```', ''];
}

function renderExitCodes(codes: readonly [string, string][]): string[] {
  return [`Exit codes: ${codes.map(([number, meaning]) => `${number}: ${meaning}`).join('; ')}.`, ''];
}

function nameOf(command: Command): string {
  const { parent } = command;
  return parent?.parent == null ? command.name() : `${parent.name()} ${command.name()}`;
}

function anchorOf(command: Command): string {
  return nameOf(command).replaceAll(' ', '-');
}

function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}

/** What Markdown would take for a cell's end or for HTML. */
function toCell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/<(?=[a-z])/g, '\\<');
}

const INTRODUCTION = [
  '`nodewright` is one program: the operator, and the commands for people. All of them but `crds apply`, `release` and `demo` only read. What is',
  'meant for other programs goes to standard output, everything else to standard error. Where a command does not say otherwise, exit code 0 is',
  'success and 2 an error.',
  '',
  '## As a kubectl plugin',
  '',
  '`kubectl nodewright status` is `nodewright status`: kubectl runs the program `kubectl-nodewright` that it finds in the PATH, and asks',
  '`kubectl_complete-nodewright` when Tab is pressed. The npm package brings both along; elsewhere they are links:',
  '',
  '```sh',
  'ln -s "$(command -v nodewright)" ~/.local/bin/kubectl-nodewright',
  'ln -s "$(command -v nodewright)" ~/.local/bin/kubectl_complete-nodewright',
  'kubectl nodewright status',
  '```',
  '',
  'It finds the cluster as kubectl does, by `--kubeconfig`, `KUBECONFIG` or `~/.kube/config`, the current context and its namespace. kubectl',
  'wants options after the name of the plugin: `kubectl nodewright status -n demo`.',
  '',
  '## Commands',
  '',
];

/** The files in src/cli/golden show all of it. */
const OUTPUT = [
  '## Output for programs',
  '',
  '`-o json` and `-o yaml` of `status`, `plan` and `doctor` print one document with an `apiVersion` and a `kind`. Members may be added to',
  '`cli.nodewright.dev/v1`; none is renamed or taken away. A member that is not known is left out. Times are in RFC 3339.',
  '',
  '### StatusList',
  '',
  '| member of `items[]` | |',
  '| --- | --- |',
  '| `apiVersion`, `kind`, `namespace`, `name`, `createdAt` | the resource |',
  '| `phase` | as in its status |',
  '| `health` | `good`, `busy` (on its way), `bad`, or `off` (meant not to run) |',
  '| `ready` | status of the condition `Ready`: `True`, `False`, `Unknown` |',
  '| `paused`, `deleting` | booleans |',
  '| `chain`, `height` | what its nodes follow, and the greatest height that is known of it |',
  '| `conditions[]` | as in its status, as they are at this moment |',
  '| `nodes[]` | `name`, `pod`, `role`, `state`, `health`, `inSync`, `height`, `lag` (blocks), `peers`, `power`, `diskUsed` (percent), `words` (why it is not as it should be), `updatePending`, `image`, `version`, `restarts`, `startedAt` |',
  '| `rollout` | `moving`, `reason`, `words`: what is being changed or waits, and why |',
  '| `snapshots[]` | `name`, `state` (`Ready`, `Pending`, `Failed`), `at`, `size`, `verified`, `words` |',
  '| `expiries[]` | `what`, `at`, `words`, `health` |',
  '| `facts[]` | `label`, `value`: whatever else the kind tells people; these are not for programs |',
  '',
  '### PlanList',
  '',
  '| member of `items[]` | |',
  '| --- | --- |',
  '| `apiVersion`, `kind`, `namespace`, `name` | the resource |',
  '| `changes[]` | `verb` (`create`, `apply`, `patch`, `delete`, `broadcast`), `kind`, `namespace`, `name`, `disrupts` (a node may be running that stops), `why` |',
  '| `waits[]` | `what`, `why`: what is wanted and must not be done yet |',
  '| `problems[]` | what somebody has to mend |',
  '| `pending` | what the next restart of its nodes brings besides; nothing is restarted for it |',
  '',
  '### DoctorReport',
  '',
  '| member | |',
  '| --- | --- |',
  '| `version`, `server`, `clusterVersion` | of this command; the API server and its release |',
  '| `errors`, `warnings` | numbers of findings |',
  `| \`findings[]\` | \`check\` (${CHECKS.map(code).join(', ')}), \`level\` (\`ok\`, \`info\`, \`warning\`, \`error\`, \`unknown\`), \`subject\`, \`message\`, \`fix\` |`,
];
