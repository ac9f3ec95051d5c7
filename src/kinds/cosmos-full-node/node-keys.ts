/**
 * The node key of every instance. The ConfigMap is where it is kept (spec cosmos §2.6): text that is there is used byte for byte; a new key
 * is made only where there is none.
 */
import { generateKeyPair } from '../../formats/ed25519.ts';
import { FormatError } from '../../formats/format-error.ts';
import { encodeNodeKey, nodeId, parseNodeKey } from '../../formats/node-key.ts';
import type { ConfigMap } from '../../kube/objects.ts';
import type { Problem } from '../problem.ts';
import { NODE_KEY_FILE } from './desired/config-map.ts';
import type { NodeIds } from './desired/peers.ts';
import type { Instance } from './instances.ts';

export type NodeKeys = {
  /** By name of the instance; one whose key cannot be read is in neither. */
  texts: ReadonlyMap<string, string>;
  nodeIds: NodeIds;
  problems: Problem[];
};

export function resolveNodeKeys(
  instances: readonly Instance[],
  configMaps: ReadonlyMap<string, ConfigMap>,
  random: (size: number) => Uint8Array,
): NodeKeys {
  const texts = new Map<string, string>();
  const nodeIds = new Map<string, string>();
  const problems: Problem[] = [];
  for (const { name } of instances) {
    const text = configMaps.get(name)?.data?.[NODE_KEY_FILE];
    if (!text) {
      const pair = generateKeyPair(random);
      nodeIds.set(name, nodeId(pair.publicKey));
      texts.set(name, encodeNodeKey(pair).trimEnd());
      continue;
    }
    try {
      nodeIds.set(name, parseNodeKey(text).nodeId);
      texts.set(name, text);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      problems.push({
        reason: 'NodeKeyInvalid',
        message: `ConfigMap ${name}, ${error.message}. The key is not replaced: put the right one back, or remove the member to have a new one made, with a new node id`,
      });
    }
  }
  return { texts, nodeIds, problems };
}
