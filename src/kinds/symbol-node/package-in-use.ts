/**
 * The network's package that a node runs with. A copy is kept in ConfigMaps beside the node, so that neither a restart of the operator nor
 * a network that is out of reach changes anything; another one is taken only when the spec names another, or asks for it anew.
 */
import { FormatError } from '../../formats/format-error.ts';
import type { NetworkPackage } from '../../formats/symbol-network-package.ts';
import type { ConfigMap, KubeObject } from '../../kube/objects.ts';
import { CONFIG_MAPS, type ResourceType } from '../../kube/resource-types.ts';
import type { Problem } from '../problem.ts';
import type { NodeNames } from './names.ts';
import { type Fetched, type NetworkSource, sha256Of } from './network-source.ts';
import type { SymbolNode } from './schema.ts';

/** On the copy: where it is from, see {@link sourceOf}. */
const ANNOTATION_PACKAGE = 'nodewright.dev/package';
const PARTS = 'nodewright.dev/package-parts';
export const PACKAGE_FILE = 'package.zip';
/** Of a ConfigMap, which may have 1 MiB. */
export const PART_SIZE = 1_000_000;

export type ObservedPackage = {
  /** Where the spec wants it from, as one text. */
  source: string;
  /** The package to work with: the wanted one, or the last one while that is not to be had. */
  content?: NetworkPackage;
  sha256?: string;
  /** The file, where it has to be put beside the node. */
  newZip?: Uint8Array;
  /** Why there is no package, or not the wanted one. */
  problem?: Problem;
  /** It is being fetched. */
  isPending: boolean;
};

export async function observePackage(
  resource: SymbolNode,
  names: NodeNames,
  configMaps: ReadonlyMap<string, ConfigMap>,
  get: <T extends KubeObject>(type: ResourceType, name: string) => Promise<T | undefined>,
  source: NetworkSource,
): Promise<ObservedPackage> {
  const wanted = sourceOf(resource);
  const kept = readCopy(names, configMaps);
  const keptPackage = kept && (await unpackCopy(kept.zip, source));
  if (kept?.source === wanted && keptPackage !== undefined) return { source: wanted, ...keptPackage, isPending: false };
  const { value: zip, error } = await fetchWanted(resource, get, source);
  const without = (problem?: Problem): ObservedPackage => ({
    source: wanted,
    ...keptPackage,
    ...(problem === undefined ? {} : { problem }),
    isPending: true,
  });
  if (zip === undefined) return without(error === undefined ? undefined : describeUnavailable(resource, error));
  try {
    const content = await source.unpack(zip, `network package ${describe(resource)}`, resource.spec.package?.sha256);
    return { source: wanted, content, sha256: sha256Of(zip), newZip: zip, isPending: false };
  } catch (failure) {
    if (!(failure instanceof FormatError)) throw failure;
    return without({ reason: 'PackageInvalid', message: failure.message });
  }
}

/** Where a resource wants its package from; another text is another wish. */
export function sourceOf({ spec }: SymbolNode): string {
  const { url, configMap, sha256 } = spec.package ?? {};
  const place = configMap === undefined ? (url ?? spec.network) : `ConfigMap ${configMap.name} ${keyOf(configMap)}`;
  const edition = spec.requests?.updatePackage?.id;
  return [
    place,
    ...(sha256 === undefined ? [] : [sha256.toLowerCase()]),
    ...(edition === undefined ? [] : [`#${edition}`]),
  ].join(' ');
}

async function fetchWanted(
  { spec }: SymbolNode,
  get: <T extends KubeObject>(type: ResourceType, name: string) => Promise<T | undefined>,
  source: NetworkSource,
): Promise<Fetched<Uint8Array>> {
  const { url, configMap } = spec.package ?? {};
  if (configMap !== undefined) {
    const found = await get<ConfigMap>(CONFIG_MAPS, configMap.name);
    const data = found?.binaryData?.[keyOf(configMap)];
    if (data !== undefined) return { value: Buffer.from(data, 'base64') };
    const missing = found === undefined ? 'does not exist' : `has no member ${keyOf(configMap)} in its binaryData`;
    return { error: `spec.package.configMap: ConfigMap ${configMap.name} ${missing}; create it with --from-file` };
  }
  const network = url ?? spec.network;
  if (network !== 'mainnet' && network !== 'sai' && !/^https?:\/\//.test(network))
    return {
      error: `spec.network: found ${JSON.stringify(network)}, need mainnet, sai or a URL, or a package in spec.package`,
    };
  return source.fetchPackage(network, spec.requests?.updatePackage?.id ?? '');
}

function describeUnavailable({ spec }: SymbolNode, error: string): Problem {
  const advice =
    spec.package?.configMap === undefined ? '; it is tried again, and spec.package can name another place' : '';
  return { reason: 'PackageUnavailable', message: `${error}${advice}` };
}

function describe({ spec }: SymbolNode): string {
  const { url, configMap } = spec.package ?? {};
  return configMap === undefined ? (url ?? spec.network) : `ConfigMap ${configMap.name}`;
}

function keyOf({ key = PACKAGE_FILE }: { key?: string | undefined }): string {
  return key;
}

/** The file as its parts have it; undefined unless all of them are there and of one piece. */
function readCopy(
  names: NodeNames,
  configMaps: ReadonlyMap<string, ConfigMap>,
): { source: string; zip: Uint8Array } | undefined {
  const first = configMaps.get(names.package(0));
  const mark = first?.metadata.annotations?.[ANNOTATION_PACKAGE];
  const count = Number(first?.metadata.annotations?.[PARTS]);
  if (mark === undefined || !(count >= 1)) return undefined;
  const parts: Buffer[] = [];
  for (let index = 0; index < count; index++) {
    const part = configMaps.get(names.package(index));
    const data = part?.binaryData?.[PACKAGE_FILE];
    if (data === undefined || part?.metadata.annotations?.[ANNOTATION_PACKAGE] !== mark) return undefined;
    parts.push(Buffer.from(data, 'base64'));
  }
  return { source: mark, zip: Buffer.concat(parts) };
}

/** Undefined for a copy that was spoilt: it is made anew. */
async function unpackCopy(zip: Uint8Array, source: NetworkSource) {
  try {
    return { content: await source.unpack(zip, 'copy'), sha256: sha256Of(zip) };
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

/** Annotations of every part of a copy. */
export function copyAnnotations(source: string, count: number): Record<string, string> {
  return { [ANNOTATION_PACKAGE]: source, [PARTS]: String(count) };
}
