/**
 * Symbol nodes of both groups on a real API server, and the operator of both kinds. What stands in for the controller of StatefulSets makes
 * their pods; the world outside can be out of reach.
 */
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, vi } from 'vitest';
import { setUpKind } from '../../src/cli/operator.ts';
import { symbolNodeCrd } from '../../src/kinds/symbol-node/crd.ts';
import { symbolNodeKind } from '../../src/kinds/symbol-node/kind.ts';
import { createNetworkSource } from '../../src/kinds/symbol-node/network-source.ts';
import { SYMBOL_NODES, type SymbolNode, TUTORIAL_SYMBOL_NODES } from '../../src/kinds/symbol-node/schema.ts';
import { packageZip } from '../../src/kinds/symbol-node/symbol-world.ts';
import { AlertSender } from '../../src/kinds/symbol-node/watch/alert-sender.ts';
import type { CustomResourceDefinition, KubeObject, Pod, StatefulSet } from '../../src/kube/objects.ts';
import { keyOf, uidOf } from '../../src/kube/objects.ts';
import {
  CUSTOM_RESOURCE_DEFINITIONS,
  PODS,
  type ResourceType,
  SECRETS,
  STATEFUL_SETS,
} from '../../src/kube/resource-types.ts';
import { type RunningManager, startManager } from '../../src/runtime/manager.ts';
import { createNamespace, type TestApi, useTestApi } from './control-plane.ts';

const waiting = { timeout: 90_000, interval: 200 };
export const NAMESPACE = 'symbol';
export const NODE = 'node-example-org-sai';

/** As the tutorial has it, with a host in its place. */
export const TUTORIAL = {
  apiVersion: 'example.com/v1',
  kind: 'SymbolNode',
  metadata: { name: 'testnode', namespace: NAMESPACE },
  spec: {
    image: 'symbolplatform/symbol-server:gcc-1.0.3.7',
    volumeSize: '70Gi',
    hostName: 'node.example.org',
    friendlyName: 'testNode',
    network: 'sai',
  },
} as SymbolNode;

type LogLine = { msg: string; why?: string; change?: string };

export type SymbolSite = {
  api: TestApi;
  /** Whether the operator reaches packages and nodewatch. */
  isOnline: boolean;
  /** What the operator has logged. */
  lines: LogLine[];
  /** Every write that was meant, also one that would change nothing. */
  changes(): string[];
  operator: RunningManager;
  startOperator(): Promise<void>;
  get<T extends KubeObject>(type: ResourceType, name: string): Promise<T | undefined>;
  patch(type: ResourceType, name: string, spec: object): Promise<KubeObject>;
  /** What is written changes its resourceVersion. */
  versionsOf(types: ResourceType[]): Promise<Record<string, string | undefined>>;
  /** Some passes over it have ended, each after something that only a pass writes. */
  untilLookedAt(type: ResourceType, name: string): Promise<void>;
};

/** Call at the top of a test file; the operator runs when its tests do. */
export function useSymbolSite(): SymbolSite {
  const api = useTestApi();
  let standIn: NodeJS.Timeout;
  const site: SymbolSite = {
    api,
    isOnline: true,
    lines: [],
    changes: () => site.lines.flatMap(({ change }) => change ?? []),
    operator: { stop: async () => {} } as RunningManager,
    async startOperator() {
      site.operator = await startOperatorOf(site);
    },
    get: (type, name) => api.kube.get(type, { namespace: NAMESPACE, name }),
    patch: (type, name, spec) => api.kube.mergePatch(type, { namespace: NAMESPACE, name }, { spec }),
    async versionsOf(types) {
      const objects = (await Promise.all(types.map((type) => api.kube.list(type, { namespace: NAMESPACE })))).flat();
      return Object.fromEntries(
        objects.map(({ kind, metadata }) => [`${kind ?? ''}/${metadata.name}`, metadata.resourceVersion]),
      );
    },
    async untilLookedAt(type, name) {
      for (const maxBlocksBehind of [20, 21, 22]) {
        await site.patch(type, name, { monitor: { maxBlocksBehind } });
        await until(async () => {
          const resource = await site.get<SymbolNode>(type, name);
          expect(resource?.status?.observedGeneration).toBe(resource?.metadata.generation);
        });
      }
    },
  };
  beforeAll(async () => {
    await createNamespace(api.kube, NAMESPACE);
    for (const type of [SYMBOL_NODES, TUTORIAL_SYMBOL_NODES])
      await api.kube.create<CustomResourceDefinition>(CUSTOM_RESOURCE_DEFINITIONS, symbolNodeCrd(type));
    await vi.waitFor(async () => {
      for (const type of [SYMBOL_NODES, TUTORIAL_SYMBOL_NODES]) await api.kube.list(type, { namespace: NAMESPACE });
    }, waiting);
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: NAMESPACE } };
    await api.kube.create({ ...SECRETS, kind: 'ServiceAccount', plural: 'serviceaccounts' }, account).catch(() => {});
    await site.startOperator();
    standIn = setInterval(() => void makePods(api).catch(() => {}), 200);
  }, 20 * 60_000);
  afterAll(async () => {
    clearInterval(standIn);
    await site.operator.stop();
  });
  return site;
}

export const until = <T>(check: () => Promise<T>) => vi.waitFor(check, waiting);

function startOperatorOf(site: SymbolSite): Promise<RunningManager> {
  const get = (url: string) => {
    if (!site.isOnline) throw new Error(`${url}: the name of the host does not resolve`);
    if (url.endsWith('.zip')) return Buffer.from(packageZip());
    return Buffer.from(url.endsWith('/height') ? '{"height":1440,"finalizedHeight":1400}' : '[]');
  };
  const call = async (url: string) => ({ status: 200, body: get(url).toString() });
  const source = createNetworkSource({
    call,
    download: async (url) => get(url),
    findHost: async () => site.isOnline,
    now: Date.now,
  });
  const outside = { call, source, alerts: new AlertSender(call, Date.now) };
  return startManager({
    kube: site.api.kube,
    leaderElection: false,
    healthAddress: false,
    log: pino({ level: 'info' }, { write: (line: string) => site.lines.push(JSON.parse(line)) }),
    setUp: (runtime) => {
      const parts = [SYMBOL_NODES, TUTORIAL_SYMBOL_NODES].map((type) =>
        setUpKind(symbolNodeKind(type, outside), runtime, {
          podGet: () => Promise.reject(new Error('no node is ever asked')),
          options: { operatorNamespace: 'nodewright-system', agentImage: 'nodewright:test' },
          now: () => new Date(),
          random: randomBytes,
        }),
      );
      return {
        controllers: parts.map(({ controller }) => controller),
        leaderTasks: parts.map(({ reconciler }) => reconciler),
      };
    },
  });
}

/** As the controller does it under OnDelete: a pod where there is none. */
async function makePods({ kube }: TestApi): Promise<void> {
  for (const set of await kube.list<StatefulSet>(STATEFUL_SETS, { namespace: NAMESPACE })) {
    const { metadata, spec } = set;
    const name = `${metadata.name}-0`;
    const pod = await kube.get<Pod>(PODS, { namespace: NAMESPACE, name });
    if (pod === undefined && spec?.replicas !== 0) {
      const volumes = [...(spec?.template.spec?.volumes ?? [])];
      for (const claim of spec?.volumeClaimTemplates ?? [])
        volumes.push({
          name: claim.metadata?.name as string,
          persistentVolumeClaim: { claimName: `${claim.metadata?.name}-${name}` },
        });
      const owner = {
        apiVersion: 'apps/v1',
        kind: 'StatefulSet',
        name: metadata.name,
        uid: uidOf(set),
        controller: true,
      };
      await kube.create(PODS, {
        ...{ apiVersion: 'v1', kind: 'Pod' },
        metadata: { ...spec?.template.metadata, name, namespace: NAMESPACE, ownerReferences: [owner] },
        spec: { ...spec?.template.spec, volumes },
      } as KubeObject);
    }
    if (set.status?.observedGeneration !== metadata.generation)
      await kube.mergePatch(
        STATEFUL_SETS,
        keyOf(set),
        { status: { replicas: 1, observedGeneration: metadata.generation } },
        { subresource: 'status' },
      );
  }
}
