/** An operator that starts at the worst moments, in which the HOPR operator ends: before its CRDs are served, and while the API server refuses. */
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { applyCrds } from '../../src/cli/crds.ts';
import { HOPRDS, type Hoprd, IDENTITY_HOPRDS, IDENTITY_POOLS, type IdentityPool } from '../../src/kinds/hopr/schema.ts';
import { writtenHoprd, writtenIdentity, writtenPool } from '../../src/kinds/hopr/written-resources.ts';
import { ApiError } from '../../src/kube/api-error.ts';
import type { Kube } from '../../src/kube/kube.ts';
import { type KubeObject, uidOf } from '../../src/kube/objects.ts';
import {
  CONFIG_MAPS,
  DEPLOYMENTS,
  EVENTS,
  INGRESS_CLASSES,
  type ResourceType,
  STORAGE_CLASSES,
} from '../../src/kube/resource-types.ts';
import { useTestApi } from './control-plane.ts';
import { createSurroundings, type HoprOperator, NGINX, SETTINGS, startHoprOperator, TEAM } from './hopr-operator.ts';
import { connectAsOperator } from './operator-account.ts';

const api = useTestApi();
const waiting = { timeout: 90_000, interval: 200 };
const REFUSALS = 3;

let account: Kube;
let operator: HoprOperator | undefined;

beforeAll(async () => {
  await createSurroundings(api.kube);
  account = await connectAsOperator(api, 'nodewright-system');
}, 20 * 60_000);
afterEach(async () => {
  await operator?.stop();
  operator = undefined;
});

const create = (type: ResourceType, { metadata, ...resource }: KubeObject) =>
  api.kube.create(type, { ...resource, metadata: { namespace: TEAM, name: metadata.name } });

async function untilCounted(name: string, size: number): Promise<void> {
  await vi.waitFor(async () => {
    const pool = await api.kube.get<IdentityPool>(IDENTITY_POOLS, { namespace: TEAM, name });
    expect(pool?.status).toMatchObject({ phase: 'Ready', size });
  }, waiting);
}

test('before its CRDs are there, it waits for them', async () => {
  const starting = startHoprOperator(account);
  await applyCrds(api.kube);
  await create(IDENTITY_POOLS, writtenPool());
  await create(IDENTITY_HOPRDS, writtenIdentity());
  operator = await starting;
  await untilCounted('pool', 1);
  expect(operator.lines.filter(({ level }) => level >= 60)).toEqual([]);
});

test('while the API server refuses every list at first, and every event, it goes on', async () => {
  const seen = new Map<string, number>();
  const refuse = (type: ResourceType) => {
    const count = (seen.get(type.kind) ?? 0) + 1;
    seen.set(type.kind, count);
    if (type.kind === EVENTS.kind || count <= REFUSALS)
      throw new ApiError('storage is (re)initializing', 429, 'TooManyRequests');
  };
  // Writes by `guarded` would go past.
  const { guarded: _guarded, ...rest } = account;
  const refusing: Kube = {
    ...rest,
    listPage: async (type, options) => {
      refuse(type);
      return account.listPage(type, options);
    },
    create: async (type, object, options) => {
      if (type.kind === EVENTS.kind) refuse(type);
      return account.create(type, object, options);
    },
  };
  operator = await startHoprOperator(refusing);
  await create(IDENTITY_POOLS, writtenPool({}, 'late'));
  await create(IDENTITY_HOPRDS, writtenIdentity({ identityPoolName: 'late' }, 'late-1'));
  await untilCounted('late', 1);
  expect(seen.get(IDENTITY_POOLS.kind)).toBeGreaterThan(REFUSALS);
  expect(seen.get(EVENTS.kind)).toBeGreaterThan(0);
});

test('what its configuration names and the cluster lacks is said by who needs it', async () => {
  const nothing = async (type: ResourceType, key: { namespace?: string; name: string }) => {
    const live = await api.kube.get(type, key);
    if (live !== undefined) await api.kube.delete(type, key, { uid: uidOf(live) });
  };
  await nothing(STORAGE_CLASSES, { name: SETTINGS.persistence.storageClassName });
  await nothing(INGRESS_CLASSES, { name: SETTINGS.ingress.className });
  await nothing(DEPLOYMENTS, { namespace: NGINX, name: 'ingress-nginx-controller' });
  await nothing(CONFIG_MAPS, { namespace: NGINX, name: 'ingress-nginx-udp' });
  operator = await startHoprOperator(account);
  await create(IDENTITY_POOLS, writtenPool({}, 'poor'));
  await create(IDENTITY_HOPRDS, writtenIdentity({ identityPoolName: 'poor' }, 'poor-1'));
  await create(HOPRDS, writtenHoprd({ identityPoolName: 'poor' }, 'poor'));
  const preflightOf = async (type: ResourceType, name: string) => {
    const live = await api.kube.get<Hoprd>(type, { namespace: TEAM, name });
    return live?.status?.conditions?.find((condition) => condition.type === 'PreflightPassed')?.message;
  };
  await vi.waitFor(async () => {
    const pool = await preflightOf(IDENTITY_POOLS, 'poor');
    expect(pool).toContain(`there is no StorageClass ${SETTINGS.persistence.storageClassName}, which persistence.`);
    expect(pool).toContain('there is no IngressClass nginx, which ingress.ingress_class_name in');
    expect(pool).toContain(
      `there is no Deployment ${NGINX}/ingress-nginx-controller, which ingress.deployment_name in`,
    );
    expect(await preflightOf(IDENTITY_HOPRDS, 'poor-1')).toContain('there is no StorageClass');
    const node = await preflightOf(HOPRDS, 'poor');
    expect(node).toContain('there is no IngressClass nginx');
    expect(node).toContain(`ConfigMap ${NGINX}/ingress-nginx-udp is missing; make it`);
  }, waiting);
  expect(await api.kube.list(DEPLOYMENTS, { namespace: TEAM })).toEqual([]);
});
