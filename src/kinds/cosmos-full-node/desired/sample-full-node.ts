/** For tests: a resource with what it must have, and what a test says of it. */
import type { Container, ObjectMeta, Pod, PodSpec } from '../../../kube/objects.ts';
import { type Instance, listInstances } from '../instances.ts';
import type { Chain, CosmosFullNode, CosmosFullNodeSpec, CosmosFullNodeStatus } from '../schema.ts';
import { buildPod } from './pod.ts';

export type Sample = Partial<Omit<CosmosFullNodeSpec, 'chain' | 'podTemplate'>> & {
  chain?: Partial<Chain>;
  podTemplate?: CosmosFullNodeSpec['podTemplate'];
};

export function sampleFullNode(
  { chain, podTemplate, ...spec }: Sample = {},
  { metadata, status }: { metadata?: Partial<ObjectMeta> | undefined; status?: Partial<CosmosFullNodeStatus> } = {},
): CosmosFullNode {
  return {
    apiVersion: 'cosmos.strange.love/v1',
    kind: 'CosmosFullNode',
    metadata: { name: 'osmosis', namespace: 'test', ...metadata },
    spec: {
      replicas: 3,
      chain: { chainID: 'osmosis-1', network: 'mainnet', binary: 'osmosisd', ...chain },
      podTemplate: { image: 'busybox:v1.2.3', ...podTemplate },
      volumeClaimTemplate: { storageClassName: 'fast', resources: { requests: { storage: '100Gi' } } },
      ...spec,
    },
    status: { observedGeneration: 1, phase: 'Complete', ...status },
  };
}

/** The instance of an ordinal. */
export function instanceOf(fullNode: CosmosFullNode, ordinal = 0): Instance {
  const instance = listInstances(fullNode).find((candidate) => candidate.ordinal === ordinal);
  if (instance === undefined) throw new Error(`the sample has no instance ${ordinal}`);
  return instance;
}

type PodOptions = { ordinal?: number; height?: number; metadata?: Partial<ObjectMeta> };

export function samplePod(sample: Sample = {}, { ordinal = 0, height = 0, metadata }: PodOptions = {}): Pod {
  const fullNode = sampleFullNode(sample, { metadata });
  return buildPod(fullNode, instanceOf(fullNode, ordinal), { agentImage: 'agent:v1', height });
}

export function samplePodSpec(...args: Parameters<typeof samplePod>): PodSpec {
  return samplePod(...args).spec as PodSpec;
}

export function findContainer(containers: Container[] | undefined, name: string): Container {
  const container = containers?.find((entry) => entry.name === name);
  if (container === undefined) throw new Error(`there is no container ${name}`);
  return container;
}
