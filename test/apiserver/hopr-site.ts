/** What the tests of one file have: an API server, the operator of HOPR resources, and short ways to both. */
import { afterAll, beforeAll, vi } from 'vitest';
import { applyCrds } from '../../src/cli/crds.ts';
import type { Kube } from '../../src/kube/kube.ts';
import { type KubeObject, uidOf } from '../../src/kube/objects.ts';
import type { ResourceType } from '../../src/kube/resource-types.ts';
import { type TestApi, useTestApi } from './control-plane.ts';
import { createSurroundings, type HoprOperator, startHoprOperator, startStandIn, TEAM } from './hopr-operator.ts';
import { connectAsOperator } from './operator-account.ts';

type HoprSite = {
  api: TestApi;
  operator: HoprOperator;
  restartOperator(): Promise<void>;
  /** As a person sends it, without what only the API server sets. */
  create<T extends KubeObject>(type: ResourceType, resource: T): Promise<T>;
  get<T extends KubeObject>(type: ResourceType, name: string): Promise<T | undefined>;
  list<T extends KubeObject>(type: ResourceType): Promise<T[]>;
  remove(type: ResourceType, name: string): Promise<void>;
  until(check: () => Promise<void>): Promise<void>;
};

const OPERATOR_NAMESPACE = 'nodewright-system';
/** A machine that is busy with other tests takes its time. */
const waiting = { timeout: 180_000, interval: 200 };

/** Call at the top of a file; `operator` is there when its tests run. */
export function useHoprSite(): HoprSite {
  const api = useTestApi();
  let account: Kube;
  let standIn: { stop(): Promise<void> } | undefined;
  const inTeam = (name: string) => ({ namespace: TEAM, name });
  const site = {
    api,
    async restartOperator() {
      await site.operator.stop();
      site.operator = await startHoprOperator(account);
    },
    create: (type, resource) => api.kube.create(type, sent(resource)),
    get: (type, name) => api.kube.get(type, inTeam(name)),
    list: (type) => api.kube.list(type, { namespace: TEAM }),
    async remove(type, name) {
      const live = await api.kube.get(type, inTeam(name));
      if (live !== undefined) await api.kube.delete(type, inTeam(name), { uid: uidOf(live) });
    },
    until: (check) => vi.waitFor(check, waiting),
  } as HoprSite;
  beforeAll(async () => {
    await applyCrds(api.kube);
    await createSurroundings(api.kube);
    account = await connectAsOperator(api, OPERATOR_NAMESPACE);
    site.operator = await startHoprOperator(account);
    standIn = startStandIn(api.kube);
  }, 20 * 60_000);
  afterAll(async () => {
    await site.operator?.stop();
    await standIn?.stop();
  });
  return site;
}

function sent<T extends KubeObject>(resource: T): T {
  const { name, namespace, finalizers } = resource.metadata;
  return { ...resource, metadata: { name, namespace, ...(finalizers === undefined ? {} : { finalizers }) } };
}
