/** SymbolNodes as tests make and see them, and the world outside in which they are: a pod with nodewatch, REST and a web hook. */
import { createHash } from 'node:crypto';
import { beforeAll } from 'vitest';
import { loadTestImage } from '../../cluster/cluster.ts';
import { makeZip } from '../../src/formats/zip-fixture.ts';
import { SYMBOL_NODES, type SymbolNode, type SymbolNodeSpec } from '../../src/kinds/symbol-node/schema.ts';
import type { ConfigMap, Pod } from '../../src/kube/objects.ts';
import { CONFIG_MAPS, PODS } from '../../src/kube/resource-types.ts';
import { getFromPod } from './chain.ts';
import { isOwnCluster, kube } from './cluster-access.ts';
import { eventually } from './eventually.ts';
import { accessTo, conditionOf, isReady, type Place } from './kind-access.ts';
import type { Site } from './site.ts';
import { GENERATION_HASH_SEED, makeSymbolPackage } from './symbol-package.ts';

const SYMBOL_IMAGE = 'nodewright/symbol-stand-in:test';
/** The same programs under another name: a new image to roll to. */
export const NEXT_SYMBOL_IMAGE = 'nodewright/symbol-stand-in:test-again';

const PACKAGE = 'package';
const WORLD_PORT = 3000;
const INSPECTION_PORT = 8079;
const SMALL = { requests: { cpu: '5m', memory: '16Mi' } };

const nodes = accessTo<SymbolNode>(SYMBOL_NODES, ({ name }) => `nodewright.dev/resource=${name}`);
export const { get: getNode, patchSpec, untilCondition, events } = nodes;

export type SymbolWorld = {
  /** Base URL of nodewatch, REST and the web hook. */
  url: string;
  /** Of the network's package, which is in a ConfigMap. */
  sha256: string;
  /** What it answers to a GET; tests move its chain by some. */
  ask<T>(path: string): Promise<T>;
};

type Namespaces = Pick<Site, 'namespace' | 'otherNamespace'>;

/** Call at the top of a file, after useSite, or whatever makes the namespaces. The members are there when its tests run. */
export function useSymbolWorld(site: Namespaces): SymbolWorld {
  const world = {} as SymbolWorld;
  beforeAll(async () => {
    // In another cluster whoever named it has to have loaded the image.
    if (isOwnCluster) await loadTestImage('symbol', { print: () => {} });
    Object.assign(world, await startWorld(site));
  });
  return world;
}

async function startWorld({ namespace: nodeNamespace, otherNamespace: namespace }: Namespaces): Promise<SymbolWorld> {
  await kube.create<Pod>(PODS, worldPod(namespace));
  const pod = await eventually(90, async () => {
    const found = await kube.get<Pod>(PODS, { namespace, name: 'world' });
    if (found?.status?.podIP === undefined) throw new Error(`the world is not there: ${JSON.stringify(found?.status)}`);
    return found;
  });
  const url = `http://${pod.status?.podIP}:${WORLD_PORT}`;
  const images = { client: SYMBOL_IMAGE, rest: SYMBOL_IMAGE, mongo: SYMBOL_IMAGE };
  const files = makeSymbolPackage({ nodewatch: url, images });
  const zip = makeZip([...files].map(([name, content]) => ({ name, content })));
  const binaryData = { 'package.zip': zip.toString('base64') };
  const metadata = { namespace: nodeNamespace, name: PACKAGE };
  await kube.create<ConfigMap>(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata, binaryData });
  const world = {
    url,
    sha256: createHash('sha256').update(zip).digest('hex'),
    async ask<T>(path: string): Promise<T> {
      const body = await getFromPod(pod, WORLD_PORT, path);
      return (body === '' ? undefined : JSON.parse(body)) as T;
    },
  };
  await eventually(60, () => world.ask('/chain/info'));
  return world;
}

function worldPod(namespace: string): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name: 'world' },
    spec: {
      containers: [
        {
          name: 'world',
          image: SYMBOL_IMAGE,
          imagePullPolicy: 'IfNotPresent',
          command: ['/usr/bin/symbol-world', GENERATION_HASH_SEED, `:${WORLD_PORT}`],
        },
      ],
    },
  } as unknown as Pod;
}

/** A node of the tutorial's form in that world, unless the parts say otherwise. */
export function createNode(place: Place, world: SymbolWorld, parts: Partial<SymbolNodeSpec> = {}): Promise<SymbolNode> {
  return kube.create<SymbolNode>(SYMBOL_NODES, {
    apiVersion: 'nodewright.dev/v1alpha1',
    kind: 'SymbolNode',
    metadata: { ...place },
    spec: {
      image: SYMBOL_IMAGE,
      imagePullPolicy: 'IfNotPresent',
      volumeSize: '64Mi',
      storage: { storageClassName: 'local-path' },
      hostName: '',
      friendlyName: place.name,
      network: 'test',
      name: place.name,
      package: { configMap: { name: PACKAGE }, sha256: world.sha256 },
      exposure: { type: 'Internal' },
      resources: { client: SMALL, broker: SMALL, rest: SMALL, mongo: SMALL },
      ...parts,
    },
  });
}

/** What a node's server was given and what has happened to its volume, as the stand-in tells. */
export type Inspection = {
  height: number;
  mainKey: string;
  config: Record<string, Record<string, Record<string, string>>>;
  votingKeys: { file: string; startEpoch: number; endEpoch: number; publicKey: string }[] | null;
  /** Sentences in the order in which they became true. */
  journal: string[];
};

export async function podOf(place: Place): Promise<Pod> {
  const pod = await kube.get<Pod>(PODS, { namespace: place.namespace, name: `${place.name}-statefulset-0` });
  if (pod === undefined) throw new Error(`${place.name} has no pod`);
  return pod;
}

export async function inspect(place: Place): Promise<Inspection> {
  const inspection = JSON.parse(await getFromPod(await podOf(place), INSPECTION_PORT, '/')) as Inspection;
  return { ...inspection, journal: inspection.journal.map((line) => line.replace(/^\S+ /, '')) };
}

/** Ends the server without a word, as a machine does that fails. */
export async function crash(place: Place): Promise<void> {
  await getFromPod(await podOf(place), INSPECTION_PORT, '/crash').catch(() => {});
}

/** Waits until the node runs and answers, by what the resource says and what the kubelet says. */
export function untilRunning(place: Place, seconds = 120): Promise<SymbolNode> {
  return eventually(seconds, async () => {
    const node = await getNode(place);
    const ready = conditionOf(node, 'Ready');
    const { phase, observedGeneration } = node.status ?? {};
    if (ready?.status !== 'True' || phase !== 'Running' || observedGeneration !== node.metadata.generation)
      throw new Error(`SymbolNode ${place.name} is ${phase}: ${JSON.stringify(node.status?.conditions)}`);
    if (!isReady(await podOf(place))) throw new Error(`the pod of ${place.name} is not Ready`);
    return node;
  });
}
