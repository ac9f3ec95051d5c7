/** For tests: a CosmosFullNode as a person writes it. */
import type { CosmosFullNode, CosmosFullNodeSpec } from './schema.ts';

/** Members of `spec` by their path; undefined takes one away. */
export type Changes = Record<string, unknown>;

export function writtenFullNode(changes: Changes = {}): CosmosFullNode {
  const spec = {
    replicas: 2,
    chain: { chainID: 'test-1', network: 'testnet', binary: 'gaiad' },
    podTemplate: { image: 'gaia:v1' },
    volumeClaimTemplate: { storageClassName: 'fast', resources: { requests: { storage: '1Gi' } } },
  };
  for (const [path, value] of Object.entries(changes)) {
    const parts = path.split('.');
    const last = parts.pop() as string;
    let here = spec as Record<string, unknown>;
    for (const part of parts) {
      here[part] ??= {};
      here = here[part] as Record<string, unknown>;
    }
    if (value === undefined) delete here[last];
    else here[last] = value;
  }
  return {
    apiVersion: 'cosmos.strange.love/v1',
    kind: 'CosmosFullNode',
    metadata: { name: 'hub', namespace: 'default' },
    spec: spec as CosmosFullNodeSpec,
  };
}

export const pod = (name: string) => ({ name, containers: [{ name: 'a', image: 'b' }] });
export const version = (height: number) => ({ height, image: `gaia:v${height}` });
