/** An operator that starts at the worst moments, in which the HOPR operator ends: before its CRDs are served, and while the API server refuses. */
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { applyCrds } from '../../src/cli/crds.ts';
import { IDENTITY_HOPRDS, IDENTITY_POOLS, type IdentityPool } from '../../src/kinds/hopr/schema.ts';
import { writtenIdentity, writtenPool } from '../../src/kinds/hopr/written-resources.ts';
import { ApiError } from '../../src/kube/api-error.ts';
import type { Kube } from '../../src/kube/kube.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import { EVENTS, type ResourceType } from '../../src/kube/resource-types.ts';
import { useTestApi } from './control-plane.ts';
import { createSurroundings, type HoprOperator, startHoprOperator, TEAM } from './hopr-operator.ts';
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
