/** The copy of the network's package, and the first block, as ConfigMaps: in parts where one is not enough. */
import type { NetworkPackage } from '../../../formats/symbol-network-package.ts';
import { CONFIG_MAPS } from '../../../kube/resource-types.ts';
import type { Desired } from '../../../reconcile/diff.ts';
import type { Observed } from '../observe.ts';
import { copyAnnotations, PACKAGE_FILE, PART_SIZE } from '../package-in-use.ts';
import type { SymbolNode } from '../schema.ts';
import { buildConfigMap } from './configuration.ts';

export function buildPackageCopy(resource: SymbolNode, observed: Observed): Desired[] {
  const { names, network } = observed;
  if (network.newZip === undefined) return [];
  const parts = split(network.newZip);
  return parts.map((part, index) => ({
    type: CONFIG_MAPS,
    write: 'apply',
    object: buildConfigMap(
      resource,
      observed,
      names.package(index),
      { binaryData: { [PACKAGE_FILE]: encode(part) } },
      copyAnnotations(network.source, parts.length),
    ),
    purpose: "a copy of the network's package",
  }));
}

export type Seed = {
  desired: Desired[];
  /** Members of the one ConfigMap and where they belong; undefined where there are parts, which the init step joins. */
  items: { key: string; path: string }[] | undefined;
  /** Names of the ConfigMaps. */
  configMaps: string[];
};

/** Under the tutorial's names and with its flat members, as long as it fits. */
export function buildSeed(resource: SymbolNode, observed: Observed, { seed }: NetworkPackage): Seed {
  const { names } = observed;
  const build = (index: number, binaryData: Record<string, string>): Desired => ({
    type: CONFIG_MAPS,
    write: 'apply',
    object: buildConfigMap(resource, observed, names.seed(index), { binaryData }),
    purpose: 'the first block of the chain',
  });
  const size = [...seed.values()].reduce((sum, { length }) => sum + length, 0);
  const items = [...seed.keys()].sort().map((path) => ({ key: path.slice(path.lastIndexOf('/') + 1), path }));
  if (size <= PART_SIZE && new Set(items.map(({ key }) => key)).size === items.length) {
    const data = Object.fromEntries(items.map(({ key, path }) => [key, encode(seed.get(path) as Uint8Array)]));
    return { desired: [build(0, data)], items, configMaps: [names.seed(0)] };
  }
  const pieces = [...seed].flatMap(([path, content]) =>
    split(content).map(
      (piece, index) => [`${path.replaceAll('/', '__')}.${String(index).padStart(3, '0')}`, piece] as const,
    ),
  );
  const bins: { size: number; data: Record<string, string> }[] = [];
  for (const [key, piece] of pieces) {
    const last = bins.at(-1);
    const bin = last !== undefined && last.size + piece.length <= PART_SIZE ? last : { size: 0, data: {} };
    if (bin !== last) bins.push(bin);
    bin.size += piece.length;
    bin.data[key] = encode(piece);
  }
  return {
    desired: bins.map(({ data }, index) => build(index, data)),
    items: undefined,
    configMaps: bins.map((_bin, index) => names.seed(index)),
  };
}

function split(bytes: Uint8Array): Uint8Array[] {
  const count = Math.max(1, Math.ceil(bytes.length / PART_SIZE));
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * PART_SIZE, (index + 1) * PART_SIZE));
}

function encode(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
