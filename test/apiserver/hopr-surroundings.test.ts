/** What others do to resources of HOPR, and what is missing or installed beside them, on a real API server. */
import { beforeAll, describe, expect, test } from 'vitest';
import { applyCrds } from '../../src/cli/crds.ts';
import { identityPoolCrd } from '../../src/kinds/hopr/crds.ts';
import {
  CLUSTER_HOPRDS,
  HOPRDS,
  type Hoprd,
  IDENTITY_HOPRDS,
  IDENTITY_POOLS,
  type IdentityPool,
} from '../../src/kinds/hopr/schema.ts';
import { writtenCluster, writtenHoprd, writtenIdentity, writtenPool } from '../../src/kinds/hopr/written-resources.ts';
import { type CustomResourceDefinition, type KubeObject, uidOf } from '../../src/kube/objects.ts';
import {
  CUSTOM_RESOURCE_DEFINITIONS,
  DEPLOYMENTS,
  EVENTS,
  PROMETHEUS_RULES,
  type ResourceType,
  SERVICE_MONITORS,
} from '../../src/kube/resource-types.ts';
import { deployment, TEAM } from './hopr-operator.ts';
import { useHoprSite } from './hopr-site.ts';
import { applyOriginalCrds } from './original-hopr-fleet.ts';

const site = useHoprSite();
const conditionOf = (resource: Hoprd | IdentityPool | undefined, type: string) =>
  resource?.status?.conditions?.find((condition) => condition.type === type);

beforeAll(() => site.create(IDENTITY_POOLS, writtenPool()));

describe('events', () => {
  test('tell what the HOPR operator would have told', async () => {
    await site.create(IDENTITY_HOPRDS, writtenIdentity());
    await site.create(CLUSTER_HOPRDS, writtenCluster({ replicas: 1 }, 'told'));
    type Event = KubeObject & { reason: string; regarding: { kind: string; name: string } };
    await site.until(async () => {
      const events = await site.api.kube.list<Event>(EVENTS, { namespace: TEAM });
      const reasonsOf = (kind: string) => [
        ...new Set(events.filter(({ regarding }) => regarding.kind === kind).map(({ reason }) => reason)),
      ];
      expect(reasonsOf('IdentityPool')).toEqual(
        expect.arrayContaining(['IdentityCreated', 'Initialized', 'Locked', 'Ready']),
      );
      expect(reasonsOf('IdentityHoprd')).toEqual(expect.arrayContaining(['InUse', 'Initialized', 'Ready']));
      expect(reasonsOf('Hoprd')).toEqual(expect.arrayContaining(['Initializing', 'Running']));
      const cluster = ['CreatingNode', 'Initialized', 'NodeCreated', 'Ready', 'Scaling'];
      expect(reasonsOf('ClusterHoprd')).toEqual(expect.arrayContaining(cluster));
    });
  });
});

describe('what others do', () => {
  test('a finalizer of somebody else neither keeps a pool from being made nor is taken away', async () => {
    await site.create(IDENTITY_POOLS, {
      ...writtenPool({}, 'kept'),
      metadata: { ...writtenPool({}, 'kept').metadata, finalizers: ['x/y'] },
    });
    await site.until(async () =>
      expect((await site.get<IdentityPool>(IDENTITY_POOLS, 'kept'))?.status?.phase).toBe('Ready'),
    );
    await site.remove(IDENTITY_POOLS, 'kept');
    await site.until(async () =>
      expect((await site.get(IDENTITY_POOLS, 'kept'))?.metadata.finalizers).toEqual(['x/y']),
    );
    await site.api.kube.mergePatch(IDENTITY_POOLS, { namespace: TEAM, name: 'kept' }, { metadata: { finalizers: [] } });
  });

  test('a pool has its ServiceMonitor and its PrometheusRule when the cluster gets to know such', async () => {
    const types = [SERVICE_MONITORS, PROMETHEUS_RULES];
    for (const type of types) {
      expect(await site.get(type, 'pool')).toBeUndefined();
      await site.api.kube.create(CUSTOM_RESOURCE_DEFINITIONS, monitoringCrd(type));
    }
    // Nobody touches the pool: it is looked after again within a minute.
    await site.until(async () => {
      for (const type of types)
        expect((await site.get(type, 'pool'))?.metadata.ownerReferences).toMatchObject([{ name: 'pool' }]);
    });
  });

  test('nothing is done while the HOPR operator runs', async () => {
    const rust = await site.api.kube.create(
      DEPLOYMENTS,
      deployment('hoprd-operator', 'hoprd-operator-controller', ['operator'], 'registry.test/hoprd-operator:0.2.29'),
    );
    await site.until(async () => {
      await touch('pool');
      expect(whyAlone()).toContain('Deployment hoprd-operator/hoprd-operator-controller');
    });
    await site.create(IDENTITY_POOLS, writtenPool({}, 'later'));
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect((await site.get<IdentityPool>(IDENTITY_POOLS, 'later'))?.status).toBeUndefined();
    await site.api.kube.delete(
      DEPLOYMENTS,
      { namespace: 'hoprd-operator', name: rust.metadata.name },
      { uid: uidOf(rust) },
    );
    await site.until(async () =>
      expect((await site.get<IdentityPool>(IDENTITY_POOLS, 'later'))?.status?.phase).toBe('Ready'),
    );
  });

  test('what is missing is said before anything is made', async () => {
    await site.create(IDENTITY_POOLS, writtenPool({ secretName: 'no-wallet' }, 'poor'));
    await site.create(HOPRDS, writtenHoprd({ identityPoolName: 'poor' }, 'poor-node'));
    await site.until(async () => {
      const pool = await site.get<IdentityPool>(IDENTITY_POOLS, 'poor');
      expect(pool?.status?.phase).toBe('Failed');
      expect(conditionOf(pool, 'PreflightPassed')?.message).toContain('there is no Secret team/no-wallet');
      expect(conditionOf(await site.get<Hoprd>(HOPRDS, 'poor-node'), 'PreflightPassed')?.message).toContain(
        'no identity of pool poor is free',
      );
    });
    await site.remove(HOPRDS, 'poor-node');
    await site.remove(IDENTITY_POOLS, 'poor');
    await site.until(async () => expect(await site.get(HOPRDS, 'poor-node')).toBeUndefined());
  });
});

describe('with the CRDs of the HOPR operator', () => {
  beforeAll(async () => {
    await applyOriginalCrds(site.api.kube, 'nodewright-crds');
  });

  test('a node without config ends no operator, and is told so', async () => {
    const { config: _config, ...spec } = writtenHoprd().spec;
    const key = { namespace: TEAM, name: 'bare' };
    // An API server takes a new schema some time after it was written.
    await site.until(async () => {
      await site.create(HOPRDS, { ...writtenHoprd({}, 'bare'), spec } as Hoprd);
    });
    await site.until(async () => expect((await site.get<Hoprd>(HOPRDS, 'bare'))?.status?.phase).toBe('Failed'));
    await site.restartOperator();
    await site.remove(HOPRDS, key.name);
    await site.until(async () => expect(await site.get(HOPRDS, 'bare')).toBeUndefined());
  });

  test('statuses of which the API server drops half are not written for ever', async () => {
    await site.until(async () => {
      const versions = async () => (await site.list(HOPRDS)).map(({ metadata }) => metadata.resourceVersion);
      const before = await versions();
      await new Promise((resolve) => setTimeout(resolve, 3000));
      expect(await versions()).toEqual(before);
    });
  });
});

// The last one: pools are stored in the newer version afterwards.
test('where the API of a newer HOPR operator is installed, nothing is done', async () => {
  const name = identityPoolCrd().metadata.name;
  const live = await site.api.kube.get<CustomResourceDefinition>(CUSTOM_RESOURCE_DEFINITIONS, { name });
  const [ours] = live?.spec?.versions ?? [];
  const newer = { ...ours, name: 'v1alpha3', storage: true };
  const setVersions = (versions: object[]) =>
    site.api.kube.mergePatch(CUSTOM_RESOURCE_DEFINITIONS, { name }, { spec: { versions } });
  await setVersions([{ ...ours, storage: false }, newer]);
  await site.until(async () => {
    await touch('pool');
    expect(whyAlone()).toContain('has version v1alpha3');
  });
  const expectLeftAlone = async () => {
    const told: string[] = [];
    const applied = await applyCrds(site.api.kube, (why) => told.push(why));
    expect(told.join()).toContain(`${name}: the installed one has version v1alpha3`);
    expect(applied).toContain('cosmosfullnodes.cosmos.strange.love');
    expect(applied).not.toContain(name);
  };
  await expectLeftAlone();
  // Nobody is served the newer one any more, and yet there may be objects that are stored in it.
  await setVersions([ours, { ...newer, storage: false, served: false }] as object[]);
  await expectLeftAlone();
});

/** Reasons for which pools were left alone. */
function whyAlone(): string {
  const lines = site.operator.lines.filter(
    ({ controller, why }) => controller === 'identity-pool' && why !== undefined,
  );
  return lines.map(({ why }) => why).join('\n');
}

async function touch(pool: string): Promise<void> {
  const annotations = { 'test/at': String(Date.now()) };
  await site.api.kube.mergePatch(IDENTITY_POOLS, { namespace: TEAM, name: pool }, { metadata: { annotations } });
}

function monitoringCrd({ group, kind, plural }: ResourceType): KubeObject {
  return {
    ...{ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' },
    metadata: { name: `${plural}.${group}` },
    spec: {
      ...{ group, scope: 'Namespaced', names: { kind, plural } },
      versions: [
        {
          ...{ name: 'v1', served: true, storage: true },
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  } as KubeObject;
}
