import { describe, expect, test } from 'vitest';
import { readCertificates } from '../../formats/symbol-certificates.ts';
import type { Pod } from '../../kube/objects.ts';
import { CONFIG_MAPS, STATEFUL_SETS } from '../../kube/resource-types.ts';
import { filesOf } from './identities.ts';
import { PACKAGE_URL, packageZip, SymbolWorld } from './symbol-world.ts';

const NODE = 'node-example-org-sai';
const reasons = ({ problems }: { problems: { reason: string }[] }) => problems.map(({ reason }) => reason);

describe('a peer', () => {
  test('gets everything in two passes and is left alone then', async () => {
    const world = new SymbolWorld();
    await world.pass();
    expect(world.statefulSet).toBeUndefined();
    await world.pass();
    expect([...world.objects.keys()].sort()).toEqual([
      `ConfigMap/package-${NODE}`,
      `ConfigMap/resources-${NODE}`,
      `ConfigMap/seed-${NODE}`,
      `PersistentVolumeClaim/data-${NODE}-${NODE}-statefulset-0`,
      `Pod/${NODE}-statefulset-0`,
      `Secret/ca-${NODE}`,
      `Secret/certificates-${NODE}`,
      `Service/node-${NODE}`,
      `StatefulSet/${NODE}-statefulset`,
    ]);
    const plan = await world.pass();
    expect({ changes: plan.changes, problems: plan.problems, waits: plan.waits }).toEqual({
      changes: [],
      problems: [],
      waits: [],
    });
    readCertificates(filesOf(world.secret(`certificates-${NODE}`) as never), 'the Secret');
  });

  test('goes on without the network, and with an operator that knows nothing', async () => {
    const world = new SymbolWorld();
    await world.settle();
    world.outside.clear();
    world.restartOperator();
    expect((await world.plan()).changes).toEqual([]);
  });

  test('with an empty host is told to nobody', async () => {
    const world = new SymbolWorld({ hostName: '' });
    await world.settle();
    expect(world.configMap('resources-testnode')?.data?.['config-node.properties']).toContain('\nhost =\n');
  });
});

describe('restarts', () => {
  test.each<[string, (world: SymbolWorld) => void, string]>([
    ['another image', (world) => Object.assign(world.resource.spec, { image: 'catapult:2' }), 'image changed'],
    [
      'another host',
      (world) => Object.assign(world.resource.spec, { hostName: 'other.example.org' }),
      'hostName changed',
    ],
    [
      'an override',
      (world) => Object.assign(world.resource.spec, { overrides: { node: { localnode: { version: '7' } } } }),
      'overrides changed',
    ],
    [
      'a request to restart',
      (world) => Object.assign(world.resource.metadata, { annotations: { 'nodewright.dev/restartedAt': 'now' } }),
      'restartedAt changed',
    ],
  ])('%s stops the pod once, when everything is in place', async (_what, edit, why) => {
    const world = new SymbolWorld();
    await world.settle();
    const before = world.pod?.metadata.uid;
    edit(world);
    const first = await world.pass();
    expect(first.changes.map(({ verb }) => verb)).not.toContain('delete');
    const second = await world.pass();
    expect(second.changes).toMatchObject([{ verb: 'delete', disrupts: true, why }]);
    expect((await world.plan()).changes).toEqual([]);
    expect(world.pod?.metadata.uid).not.toBe(before);
    // The objects keep the name that they have.
    expect(world.pod?.metadata.name).toBe(`${NODE}-statefulset-0`);
  });

  test('what a person has to mend is told before what may pass', async () => {
    const world = new SymbolWorld({ overrides: { node: { localnode: { hosst: 'x' } } } });
    world.outside.delete('https://nodewatch.test/api/symbol/nodes/peer');
    expect(reasons(await world.settle())).toEqual(['OverrideInvalid']);
    delete world.resource.spec.overrides;
    expect(reasons(await world.settle())).toEqual(['PeersUnknown']);
    expect(world.pod).toBeUndefined();
  });

  test('nothing that is wrong with the spec stops the node', async () => {
    const world = new SymbolWorld();
    await world.settle();
    world.resource.spec = {
      ...world.resource.spec,
      image: 'catapult:2',
      overrides: { node: { localnode: { hosst: 'x' } } },
    };
    const plan = await world.settle();
    expect(plan.problems).toMatchObject([
      { reason: 'OverrideInvalid', message: expect.stringMatching(/spec\.overrides.*hosst.*host/s) },
    ]);
    expect(world.pod?.spec?.containers[0]?.image).toBe('catapult:1');
  });

  test.each<[string, Partial<Record<string, unknown>>]>([
    ['of the server in its pod', { containerStatuses: [locked('client')] }],
    ['of the recovery itself', { initContainerStatuses: [prepared('needed', 1), locked('recovery')] }],
  ])('exit 253 %s: another pod gets to the recovery', async (_what, status) => {
    const world = new SymbolWorld();
    await world.settle();
    (world.pod as Pod).status = status as NonNullable<Pod['status']>;
    const { changes } = await world.pass();
    expect(changes).toMatchObject([{ verb: 'delete', disrupts: false, why: expect.stringMatching(/recovery/) }]);
    expect((await world.plan()).changes).toEqual([]);
  });

  test('a recovery that failed and runs again is left to it', async () => {
    const world = new SymbolWorld();
    await world.settle();
    const recovery = { ...locked('recovery'), state: { running: { startedAt: '2026-01-02T03:04:05Z' } } };
    const initContainerStatuses = [prepared('needed', 1), recovery];
    (world.pod as Pod).status = { initContainerStatuses } as unknown as NonNullable<Pod['status']>;
    expect((await world.pass()).changes).toEqual([]);
  });

  test('a recovery that has failed too often waits for a person', async () => {
    const world = new SymbolWorld();
    await world.settle();
    (world.pod as Pod).status = { initContainerStatuses: [prepared('exhausted', 3)] } as unknown as NonNullable<
      Pod['status']
    >;
    const plan = await world.plan();
    expect(plan.changes).toEqual([]);
    expect(plan.podPlan.recovery).toEqual({ state: 'exhausted', attempts: 3 });
    // Who allows more gets a pod that may try, once it is told so.
    world.resource.spec.recovery = { maxAttempts: 4 };
    expect((await world.pass()).changes).toMatchObject([{ verb: 'apply', type: STATEFUL_SETS }]);
    expect((await world.pass()).changes).toMatchObject([
      { verb: 'delete', why: 'spec.recovery.maxAttempts allows another recovery after 3' },
    ]);
    expect(world.pod?.spec?.initContainers?.[0]?.command).toEqual(expect.arrayContaining(['--max-recoveries', '4']));
    expect((await world.plan()).changes).toEqual([]);
  });
});

function locked(name: string) {
  return { name, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: { exitCode: 253 } } };
}

function prepared(recovery: string, attempts: number) {
  return { name: 'prepare', state: { terminated: { exitCode: 0, message: JSON.stringify({ recovery, attempts }) } } };
}

describe('the package', () => {
  test.each<[string, (world: SymbolWorld) => void, string]>([
    ['out of reach', (world) => world.outside.delete(PACKAGE_URL), 'PackageUnavailable'],
    ['no zip file', (world) => world.outside.set(PACKAGE_URL, 'hello'), 'PackageInvalid'],
    ['cut off', (world) => world.outside.set(PACKAGE_URL, packageZip().subarray(0, 900)), 'PackageInvalid'],
    [
      'of another checksum',
      (world) => Object.assign(world.resource.spec.package ?? {}, { sha256: '0'.repeat(64) }),
      'PackageInvalid',
    ],
    [
      'without a file that the node needs',
      (world) => world.outside.set(PACKAGE_URL, packageZip({ 'sai/resources/config-node.properties': undefined })),
      'PackageInvalid',
    ],
  ])('%s: a new node waits, one that runs goes on', async (_what, edit, reason) => {
    const fresh = new SymbolWorld();
    edit(fresh);
    expect(reasons(await fresh.settle())).toEqual([reason]);
    expect(fresh.pod).toBeUndefined();
    const running = new SymbolWorld();
    await running.settle();
    const before = running.pod?.metadata.uid;
    edit(running);
    running.resource.spec.requests = { updatePackage: { id: 'again' } };
    expect(reasons(await running.settle())).toEqual([reason]);
    expect(running.pod?.metadata.uid).toBe(before);
  });

  test('from a ConfigMap needs no network', async () => {
    const world = new SymbolWorld({ package: { configMap: { name: 'networks', key: 'sai.zip' } }, peers: [] });
    world.outside.clear();
    expect((await world.settle()).problems[0]?.message).toBe(
      'spec.package.configMap: ConfigMap networks does not exist; create it with --from-file',
    );
    const binaryData = { 'sai.zip': Buffer.from(packageZip()).toString('base64') };
    world.put(CONFIG_MAPS, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'networks' },
      binaryData,
    } as never);
    expect((await world.settle()).problems).toEqual([]);
    expect(world.pod).toBeDefined();
  });

  test('with a first block above the limit of a ConfigMap comes in parts', async () => {
    const world = new SymbolWorld();
    const large = Array.from({ length: 300_000 }, (_, index) => `${index}`).join('');
    world.outside.set(PACKAGE_URL, packageZip({ 'sai/seed/00000/00001.dat': large }));
    await world.settle();
    expect(world.configMap(`seed-${NODE}-1`)).toBeDefined();
    const pieces = [0, 1, 2]
      .flatMap((part) =>
        Object.entries(world.configMap(`seed-${NODE}${part === 0 ? '' : `-${part}`}`)?.binaryData ?? {}),
      )
      .filter(([key]) => key.startsWith('00000__00001.dat.'))
      .sort(([one], [other]) => (one < other ? -1 : 1));
    const joined = Buffer.concat(pieces.map(([, data]) => Buffer.from(data, 'base64')));
    expect(joined.equals(Buffer.from(large))).toBe(true);
    expect(world.pod?.spec?.initContainers?.[0]?.command).toContain('--seed-parts');
  });
});
