import { run, tryRun } from './commands.ts';
import { cniNetworkName } from './container-runtime.ts';

// kube-proxy, the kubelet and the CNI plugins all put their rules into chains of their own and jump there from the
// built-in ones. Removing them means: those chains and whatever names them. Rules of anyone else stay as they are.

const families = ['iptables', 'ip6tables'] as const;

/** Chains that belong to a Kubernetes node, or to our CNI network. */
const kubernetesChain = /^(KUBE-|CNI-HOSTPORT-|CNI-DN-)/;

/** Tables that exist, as "iptables filter". With the nft back end a table does not exist until something makes it. */
export async function listTables(): Promise<string[]> {
  const tables: string[] = [];
  for (const family of families) {
    const saved = (await tryRun(`${family}-save`, [])).stdout;
    for (const [, table] of saved.matchAll(/^\*(\w+)$/gm)) tables.push(`${family} ${table}`);
  }
  return tables;
}

/** Whether rules of another Kubernetes node are in force. */
export async function hasKubernetesChains(): Promise<boolean> {
  const saved = (await tryRun('iptables-save', [])).stdout;
  return /^:KUBE-/m.test(saved);
}

/** Marks rules that belong to no program but to the cluster. */
const ownComment = 'nodewright-cluster';

/** Lets packets of pods pass on machines that forward none by default, as Docker leaves them. */
export async function ensureForwarding(bridge: string): Promise<void> {
  for (const direction of ['--in-interface', '--out-interface']) {
    const rule = ['FORWARD', direction, bridge, '--match', 'comment', '--comment', ownComment, '--jump', 'ACCEPT'];
    if ((await tryRun('iptables', ['--check', ...rule])).status === 0) continue;
    await run('iptables', ['--insert', ...rule]);
  }
}

/** Removes what a cluster's programs have added, and tables that were not there `before`. */
export async function removeRules(before: readonly string[]): Promise<void> {
  for (const family of families) {
    const script = renderRemoval((await tryRun(`${family}-save`, [])).stdout);
    if (script !== '') await run(`${family}-restore`, ['--noflush'], { input: script });
    // With the older back end tables belong to the kernel and can't be removed; there is no harm in an empty one.
    if (!(await tryRun(family, ['--version'])).stdout.includes('nf_tables')) continue;
    for (const table of listEmptyTables((await run(`${family}-save`, [])).trim())) {
      if (before.includes(`${family} ${table}`)) continue;
      await run('nft', ['delete', 'table', family === 'iptables' ? 'ip' : 'ip6', table]);
    }
  }
}

/** Tables without a rule or a chain of anyone's, in the output of iptables-save. */
function listEmptyTables(saved: string): string[] {
  const tables = saved.split(/^(?=\*)/m).filter((table) => table.startsWith('*'));
  const empty = tables.filter((table) => !/^-A /m.test(table) && !/^:\S+ -/m.test(table));
  return empty.map((table) => table.slice(1).split('\n')[0] as string);
}

/** Turns the output of iptables-save into input of iptables-restore --noflush that removes our chains and jumps. */
export function renderRemoval(saved: string): string {
  const lines: string[] = [];
  for (const table of saved.split(/^(?=\*)/m)) {
    const name = /^\*(\w+)$/m.exec(table)?.[1];
    if (name === undefined) continue;
    const rules = table.split('\n').filter((line) => line.startsWith('-A '));
    const chains = [...table.matchAll(/^:(\S+)/gm)].map(([, chain]) => chain as string);
    const masquerade = rules.filter((rule) => rule.includes(`name: \\"${cniNetworkName}\\"`));
    const masqueradeChains = masquerade.map((rule) => / -j (CNI-\w+)/.exec(rule)?.[1]);
    const ours = new Set(chains.filter((chain) => kubernetesChain.test(chain) || masqueradeChains.includes(chain)));
    const jumps = rules.filter((rule) => !ours.has(rule.split(' ')[1] as string) && ours.has(target(rule)));
    const own = rules.filter((rule) => rule.includes(`--comment ${ownComment} `));
    if (ours.size + own.length === 0) continue;
    lines.push(
      `*${name}`,
      ...[...ours].map((chain) => `:${chain} - [0:0]`), // declaring a chain empties it
      ...[...own, ...jumps].map((rule) => rule.replace(/^-A/, '-D')),
      ...[...ours].map((chain) => `-X ${chain}`),
      'COMMIT',
    );
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function target(rule: string): string {
  return / -[jg] (\S+)/.exec(rule)?.[1] ?? '';
}
