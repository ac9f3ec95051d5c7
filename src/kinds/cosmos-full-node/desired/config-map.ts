/** The ConfigMap of an instance: its settings, and its node key, which is kept nowhere else (spec cosmos §2.4, §2.6). */
import type { ConfigMap } from '../../../kube/objects.ts';
import type { Instance } from '../instances.ts';
import { toLabelValue } from '../names.ts';
import type { CosmosFullNode } from '../schema.ts';
import { childMetadata, LABEL_INSTANCE } from './metadata.ts';

export const COMET_OVERLAY_FILE = 'config-overlay.toml';
export const APP_OVERLAY_FILE = 'app-overlay.toml';
export const NODE_KEY_FILE = 'node_key.json';

/** @param content texts of the files; the node key as it was kept, byte for byte */
export function buildConfigMap(
  fullNode: CosmosFullNode,
  { name, index }: Instance,
  content: { comet: string; app: string; nodeKey: string },
): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: childMetadata(fullNode, { name, ordinal: index, labels: { [LABEL_INSTANCE]: toLabelValue(name) } }),
    data: {
      [COMET_OVERLAY_FILE]: content.comet,
      [APP_OVERLAY_FILE]: content.app,
      [NODE_KEY_FILE]: content.nodeKey,
    },
  };
}
