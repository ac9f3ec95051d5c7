/** Whether two ConfigMaps say the same of a node, whatever their form, and whichever instances of the resource they list as peers. */
import { FormatError } from '../../formats/format-error.ts';
import { parseToml, type TomlTable } from '../../formats/toml.ts';
import type { ConfigMap } from '../../kube/objects.ts';
import { canonicalJson } from '../../reconcile/stamp.ts';

const OVERLAYS = ['config-overlay.toml', 'app-overlay.toml'];
/** Lists with the other instances in them, in both spellings (spec cosmos §2.4). */
const PEER_LISTS = /^(persistent|private|unconditional)[-_]peer(s|[-_]ids)$/;

/** @param nodeIds of the instances */
export function sameSettings(a: ConfigMap, b: ConfigMap, nodeIds: ReadonlySet<string>): boolean {
  return settingsWithoutInstances(a, nodeIds) === settingsWithoutInstances(b, nodeIds);
}

/** The settings as one text, without the instances among the peers. */
export function settingsWithoutInstances(configMap: ConfigMap, nodeIds: ReadonlySet<string>): string {
  return OVERLAYS.map((file) => settingsOf(configMap, file, nodeIds)).join('\n');
}

function settingsOf({ data }: ConfigMap, file: string, nodeIds: ReadonlySet<string>): string {
  const text = data?.[file] ?? '';
  try {
    const table = parseToml(text, file);
    return canonicalJson({ ...table, p2p: withoutInstances((table.p2p ?? {}) as TomlTable, nodeIds) });
  } catch (error) {
    if (error instanceof FormatError) return text;
    throw error;
  }
}

function withoutInstances(p2p: TomlTable, nodeIds: ReadonlySet<string>): TomlTable {
  const entries = Object.entries(p2p).map(([key, value]) => {
    if (!PEER_LISTS.test(key) || typeof value !== 'string') return [key, value];
    const others = value.split(',').filter((peer) => peer !== '' && !nodeIds.has(peer.split('@')[0] ?? ''));
    return [key, others.join(',')];
  });
  return Object.fromEntries(entries.filter(([key, value]) => !(PEER_LISTS.test(String(key)) && value === '')));
}
