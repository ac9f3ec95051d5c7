/**
 * The life of pools, identities, clusters and nodes of HOPR, with the operator killed at each write of each step of it: what there is in the end
 * is what there would have been without.
 */
import { describe, expect, test } from 'vitest';
import {
  CLUSTER_HOPRDS,
  type ClusterHoprd,
  HOPRDS,
  type Hoprd,
  IDENTITY_HOPRDS,
  IDENTITY_POOLS,
} from '../../src/kinds/hopr/schema.ts';
import {
  writtenCluster,
  writtenHoprd,
  writtenIdentity,
  writtenPool,
  writtenSettings,
} from '../../src/kinds/hopr/written-resources.ts';
import type { Job, KubeObject } from '../../src/kube/objects.ts';
import { CONFIG_MAPS, DEPLOYMENTS, INGRESSES, type ResourceType, SERVICES } from '../../src/kube/resource-types.ts';
import { canonicalJson } from '../../src/reconcile/stamp.ts';
import { type Chance, HoprWorld } from './hopr-world.ts';

type Step = { what: string; work: (world: HoprWorld) => void; expectThen: (world: HoprWorld) => void };

const CLUSTER = 'relay';
/** What hangs on chance in the world is not what this is about. */
const ALWAYS_THE_SAME: Chance = { chance: () => false, between: (from) => from, pick: ([first]) => first as never };
const COUNTED: ReadonlySet<string> = new Set([
  ...['resourceVersion', 'generation', 'observedGeneration', 'updateTimestamp', 'lastTransitionTime'],
  // A hash of an object with the uid of its owner.
  'nodewright.dev/applied',
]);

const keyOf = (name: string) => ({ namespace: 'team', name });
const remove = (type: ResourceType, name: string) => (world: HoprWorld) => void world.api.delete(type, keyOf(name));
const edit =
  (spec: Partial<ClusterHoprd['spec']>) =>
  ({ api }: HoprWorld) =>
    void api.patch(CLUSTER_HOPRDS, keyOf(CLUSTER), { spec });
const namesOf = ({ api }: HoprWorld, kind: string) =>
  api
    .list(kind)
    .map(({ metadata }) => metadata.name)
    .sort();
const statusOf = (world: HoprWorld, kind: string, name: string) =>
  world.api.list<Hoprd>(kind).find(({ metadata }) => metadata.name === name)?.status;
const expectNodes = (world: HoprWorld, phases: Record<string, string>) => {
  const found = world.api.list<Hoprd>('Hoprd').map(({ metadata, status }) => [metadata.name, status?.phase]);
  expect(Object.fromEntries(found)).toEqual(phases);
};

function addIdentity(world: HoprWorld, index: number): void {
  world.api.create(IDENTITY_HOPRDS, sent(writtenIdentity({}, `pool-${index}`)));
}

/** Each goes on where the one before has ended. */
const LIFE: readonly Step[] = [
  {
    what: 'a pool',
    work: (world) => void world.api.create(IDENTITY_POOLS, sent(writtenPool())),
    expectThen: (world) => expect(statusOf(world, 'IdentityPool', 'pool')).toMatchObject({ phase: 'Ready', size: 0 }),
  },
  {
    what: 'four identities',
    work: (world) => {
      for (const index of [1, 2, 3, 4]) addIdentity(world, index);
    },
    expectThen: (world) => expect(statusOf(world, 'IdentityPool', 'pool')).toMatchObject({ size: 4, locked: 0 }),
  },
  {
    what: 'a cluster of three',
    work: ({ api }) =>
      void api.create(CLUSTER_HOPRDS, sent(writtenCluster({ replicas: 3, portsAllocation: 3 }, CLUSTER))),
    expectThen: (world) => expectNodes(world, { 'relay-1': 'Running', 'relay-2': 'Running', 'relay-3': 'Running' }),
  },
  {
    what: 'five, and no identity for the fifth',
    work: edit({ replicas: 5 }),
    expectThen(world) {
      const cluster = statusOf(world, 'ClusterHoprd', CLUSTER);
      expect(cluster).toMatchObject({ phase: 'NotScaled', currentNodes: 5 });
      expect(JSON.stringify(cluster)).toContain('NoFreeIdentity');
    },
  },
  {
    what: 'an identity for the fifth',
    work: (world) => addIdentity(world, 5),
    expectThen: (world) => expect(statusOf(world, 'ClusterHoprd', CLUSTER)).toMatchObject({ phase: 'Ready' }),
  },
  {
    what: 'another version',
    work: edit({ version: '2.2.0' }),
    expectThen: (world) => expect(statusOf(world, 'ClusterHoprd', CLUSTER)).toMatchObject({ phase: 'Ready' }),
  },
  {
    what: 'a node that somebody deletes',
    work: remove(HOPRDS, 'relay-2'),
    expectThen: (world) => expect(statusOf(world, 'Hoprd', 'relay-2')).toMatchObject({ phase: 'Running' }),
  },
  {
    what: 'a Deployment and the entrances of a node that somebody deletes',
    work(world) {
      for (const type of [DEPLOYMENTS, SERVICES, INGRESSES]) remove(type, 'relay-3')(world);
      world.api.patch(CONFIG_MAPS, { namespace: 'ingress-nginx', name: 'ingress-nginx-tcp' }, { data: { 9007: null } });
    },
    expectThen: (world) => expect(statusOf(world, 'Hoprd', 'relay-3')).toMatchObject({ phase: 'Running' }),
  },
  {
    what: 'one node',
    work: edit({ replicas: 1 }),
    expectThen(world) {
      expectNodes(world, { 'relay-1': 'Running' });
      expect(namesOf(world, 'PersistentVolumeClaim')).toHaveLength(5);
    },
  },
  {
    what: 'another release, for which it is made anew',
    work: edit({ supportedRelease: 'kaunas' }),
    expectThen: (world) =>
      expect(statusOf(world, 'Hoprd', 'relay-1')).toMatchObject({ phase: 'Running', identityName: 'pool-1' }),
  },
  {
    what: 'disabled',
    work: edit({ enabled: false }),
    expectThen(world) {
      expectNodes(world, { 'relay-1': 'Stopped' });
      expect(namesOf(world, 'Pod')).toEqual([]);
    },
  },
  {
    what: 'enabled',
    work: edit({ enabled: true }),
    expectThen: (world) => expectNodes(world, { 'relay-1': 'Running' }),
  },
  {
    what: 'its database deleted',
    work: ({ api }) => void api.patch(HOPRDS, keyOf('relay-1'), { spec: { deleteDatabase: true } }),
    expectThen({ api }) {
      expect(api.list<Hoprd>('Hoprd')[0]).toMatchObject({
        spec: { deleteDatabase: false },
        status: { phase: 'Running' },
      });
      expect(api.list<Job>('Job')).toHaveLength(1);
    },
  },
  {
    what: 'a node with load balancers',
    work: ({ api }) =>
      void api.create(HOPRDS, sent(writtenHoprd({ service: { type: 'LoadBalancer' }, portsAllocation: 3 }, 'exit'))),
    expectThen: (world) => expectNodes(world, { 'relay-1': 'Running', exit: 'Running' }),
  },
  {
    what: 'that node deleted',
    work: remove(HOPRDS, 'exit'),
    expectThen: (world) => expectNodes(world, { 'relay-1': 'Running' }),
  },
  {
    what: 'its identity deleted while it is in use',
    work: remove(IDENTITY_HOPRDS, 'pool-1'),
    expectThen: (world) => expect(statusOf(world, 'IdentityHoprd', 'pool-1')).toMatchObject({ phase: 'InUse' }),
  },
  {
    what: 'the pool deleted while it is in use',
    work: remove(IDENTITY_POOLS, 'pool'),
    expectThen: (world) =>
      expect(statusOf(world, 'IdentityPool', 'pool')).toMatchObject({ phase: 'Deleting', size: 5 }),
  },
  {
    what: 'the cluster deleted, and with it the identity that it used',
    work: remove(CLUSTER_HOPRDS, CLUSTER),
    expectThen(world) {
      expect(namesOf(world, 'ClusterHoprd').concat(namesOf(world, 'Hoprd'), namesOf(world, 'Deployment'))).toEqual([]);
      expect(namesOf(world, 'IdentityHoprd')).toEqual(['pool-2', 'pool-3', 'pool-4', 'pool-5']);
    },
  },
  {
    what: 'the other identities deleted, and with them the pool',
    work: (world) => {
      for (const index of [2, 3, 4, 5]) remove(IDENTITY_HOPRDS, `pool-${index}`)(world);
    },
    expectThen: ({ api }) => expect(api.all().map(({ kind }) => kind)).toEqual(['ConfigMap', 'ConfigMap', 'Secret']),
  },
];

describe('killed at each write, the operator comes to the same end', () => {
  let before: HoprWorld | undefined;

  test.each(LIFE.map((step) => [step.what, step] as const))(
    '%s',
    { timeout: 300_000 },
    async (_, { work, expectThen }) => {
      const undisturbed = calmWorld(before);
      work(undisturbed);
      await converge(undisturbed);
      expectThen(undisturbed);
      const start = before;
      before = undisturbed;
      const expected = describeAll(undisturbed);
      const { writes } = undisturbed;
      // The first operator ends after so many writes; or each of them does.
      const lives = [
        ...Array.from(
          { length: writes },
          (_, count) => (life: number) => (life === 0 ? count : Number.POSITIVE_INFINITY),
        ),
        ...[1, 2, 3].map((count) => () => count),
      ];
      for (const writesOf of lives) {
        const world = calmWorld(start);
        work(world);
        await converge(world, writesOf);
        const how = `lives of ${writesOf(0)} and then ${writesOf(1)} of ${writes} writes\n${world.trace.slice(-40).join('\n')}`;
        const found = describeAll(world);
        expect(
          found.filter((object) => !expected.includes(object)),
          how,
        ).toEqual([]);
        expect(found, how).toHaveLength(expected.length);
        expect(world.violations, how).toEqual([]);
      }
    },
  );
});

function calmWorld(from?: HoprWorld): HoprWorld {
  const world = new HoprWorld(ALWAYS_THE_SAME, writtenSettings(), from);
  world.faulty = false;
  return world;
}

/** @param writesOf how many writes each operator lives for */
async function converge(world: HoprWorld, writesOf: (life: number) => number = () => Number.POSITIVE_INFINITY) {
  let life = 0;
  world.writesLeft = writesOf(life);
  for (let round = 0; round < 1000; round++) {
    const { writes } = world;
    const hasChanged = await world.settle();
    if (world.writesLeft <= 0) world.writesLeft = writesOf(++life);
    else if (!hasChanged && world.writes === writes) return;
  }
  throw new Error(`no end\n${world.trace.slice(-40).join('\n')}`);
}

/** Everything but what the API server counts, and when things were written. */
function describeAll({ api }: HoprWorld): string[] {
  const uids = new Map(api.all().map(({ kind, metadata }) => [metadata.uid, `${kind} ${metadata.name}`]));
  const plain = (key: string, value: unknown) => {
    if (COUNTED.has(key)) return undefined;
    if (key === 'uid') return uids.get(value as string);
    // With the uid of the owner in it.
    return key.endsWith('last-applied-configuration') ? String(value).replace(/"uid":"[^"]*"/, '') : value;
  };
  return api
    .all()
    .map((object) => canonicalJson(JSON.parse(JSON.stringify(object, plain))))
    .sort();
}

function sent<T extends KubeObject>(resource: T): T {
  return { ...resource, metadata: { namespace: 'team', name: resource.metadata.name } };
}
