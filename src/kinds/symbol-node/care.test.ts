/** A node through its troubles, with a clock that tests move: what it is given, what its status says, and who would be told. */
import { describe, expect, test, vi } from 'vitest';
import { keyPairFromSeed } from '../../formats/ed25519.ts';
import { loadSymbolTransactions } from '../../formats/symbol-transactions.ts';
import { makeVotingKeyFile, readVotingKeyHeader } from '../../formats/symbol-voting-keys.ts';
import { PODS, SECRETS } from '../../kube/resource-types.ts';
import { reportEvents } from './events.ts';
import type { Plan } from './plan.ts';
import type { AccountView } from './rpc/account.ts';
import { foldAnswer } from './rpc/reading.ts';
import { buildStatus } from './status.ts';
import { SymbolWorld } from './symbol-world.ts';

// A voter's first file has 720 keys, and symbol-sdk is large.
vi.setConfig({ testTimeout: 30_000 });

const NODE = 'node-example-org-sai';
const DAY = 86_400_000;
const random = (size: number) => Buffer.alloc(size, 9);

function statusOf(world: SymbolWorld, plan: Plan) {
  const status = buildStatus(world.resource, { plan, failure: undefined, now: world.now, operatorNamespace: 'o' });
  world.resource.status = status;
  return {
    ...status,
    alertNames: status.alerts?.map(({ name }) => name) ?? [],
    condition: (type: string) => status.conditions?.find((condition) => condition.type === type),
  };
}

function answer(world: SymbolWorld, height: number, network: number, account?: AccountView): void {
  world.reading = foldAnswer(
    world.reading,
    {
      node: { height, finalizedHeight: height },
      network: { height: network, finalizedHeight: network, source: 'nodewatch' },
      ...(account === undefined ? {} : { account }),
    },
    world.now.getTime(),
    5,
  );
}

describe('voting keys with a gap', () => {
  /** At epoch 3 of this world's network. */
  async function voterWith(...ranges: [number, number][]) {
    const world = new SymbolWorld({ features: ['VOTER'] });
    await world.settle();
    const files = ranges.map(([startEpoch, endEpoch], index): [string, string] => {
      const root = keyPairFromSeed(Buffer.alloc(32, index + 1));
      const file = makeVotingKeyFile(root, { startEpoch, endEpoch }, random);
      return [`private_key_tree${index + 1}.dat`, Buffer.from(file).toString('base64')];
    });
    const secret = world.secret(`voting-${NODE}`);
    if (secret === undefined) throw new Error('there are no voting keys');
    world.put(SECRETS, { ...secret, data: Object.fromEntries(files) } as never);
    return world;
  }
  const rangesOf = (world: SymbolWorld) =>
    Object.entries(world.secret(`voting-${NODE}`)?.data ?? {})
      .map(([file, content]) => readVotingKeyHeader(Buffer.from(content, 'base64'), file))
      .map(({ startEpoch, endEpoch }) => [startEpoch, endEpoch]);

  test('get a file for it, and the others stay', async () => {
    const world = await voterWith([1, 40], [90, 400]);
    expect(statusOf(world, await world.plan()).condition('VotingKeysValid')).toMatchObject({
      status: 'False',
      reason: 'VotingKeysGap',
      message: expect.stringContaining('for epochs 41 to 89'),
    });
    expect(world.resource.status?.alerts).toMatchObject([{ name: 'VotingKeysGap' }]);
    const plan = await world.settle();
    expect(rangesOf(world)).toEqual([
      [1, 40],
      [90, 400],
      [41, 89],
    ]);
    expect(statusOf(world, plan).condition('VotingKeysValid')).toMatchObject({ status: 'True' });
  });

  test('are left where nobody may renew them, and a person is told', async () => {
    const world = await voterWith([1, 40], [90, 400]);
    world.resource.spec.voting = { autoRenew: false };
    const plan = await world.settle();
    expect(rangesOf(world)).toHaveLength(2);
    expect(statusOf(world, plan).alertNames).toEqual(['VotingKeysGap']);
  });
});

describe('a node that everything has ended for', () => {
  test('runs on, and its status says what ended', async () => {
    const world = new SymbolWorld({
      features: ['VOTER'],
      certificates: { autoRenew: false },
      voting: { autoRenew: false },
    });
    await world.settle();
    const pod = world.pod?.metadata.uid;
    world.now = new Date(world.now.getTime() + 10 * 365 * DAY);
    world.outside.set('https://nodewatch.test/api/symbol/height', '{"height":9000000,"finalizedHeight":9000000}');
    world.restartOperator();
    const status = statusOf(world, await world.settle());
    expect(status.condition('CertificateValid')).toMatchObject({ status: 'False', reason: 'Expired' });
    expect(status.condition('VotingKeysValid')).toMatchObject({ status: 'False', reason: 'VotingKeysExpired' });
    expect(status.alertNames).toEqual(['CertificateExpired', 'VotingKeysExpired']);
    expect(world.pod?.metadata.uid).toBe(pod);
  });
});

describe('a host that does not resolve', () => {
  test('is a condition, and the node runs', async () => {
    const world = new SymbolWorld({ hostName: 'nowhere.example.org' });
    const status = statusOf(world, await world.settle());
    expect(status.condition('HostKnown')).toMatchObject({
      status: 'False',
      reason: 'HostDoesNotResolve',
      message: expect.stringContaining('"nowhere.example.org"'),
    });
    expect(world.pod).toBeDefined();
    expect(world.configMap('resources-nowhere-example-org-sai')?.data?.['config-node.properties']).toContain(
      'host = nowhere.example.org',
    );
  });

  test.each(['', '198.51.100.7', 'node.example.org'])('%j is no such thing', async (hostName) => {
    const world = new SymbolWorld({ hostName });
    expect(statusOf(world, await world.settle()).condition('HostKnown')).toBeUndefined();
  });

  test('does not stop a node that runs', async () => {
    const world = new SymbolWorld();
    await world.settle();
    world.resource.spec.hostName = 'nowhere.example.org';
    const status = statusOf(world, await world.settle());
    expect(status.condition('HostKnown')?.status).toBe('False');
    expect(world.pod).toBeDefined();
  });
});

describe('a container that fails', () => {
  test('is an event and an alert, once', async () => {
    const world = new SymbolWorld();
    await world.settle();
    const waiting = { reason: 'CrashLoopBackOff', message: 'back-off' };
    const status = { phase: 'Running', containerStatuses: [{ name: 'client', state: { waiting } }] };
    world.put(PODS, { ...world.pod, status } as never);
    const events: string[] = [];
    const record = (_object: unknown, _type: string, reason: string) => void events.push(reason);
    for (let count = 0; count < 3; count++) {
      const before = world.resource;
      const plan = await world.pass();
      const next = buildStatus(before, { plan, failure: undefined, now: world.now, operatorNamespace: 'o' });
      reportEvents({ record }, before, plan, { done: [], failures: [], skipped: [] }, next);
      world.resource = { ...before, status: next };
      expect(next.alerts).toMatchObject([{ name: 'CrashLoopBackOff:client', severity: 'critical' }]);
    }
    expect(events).toEqual(['CrashLoopBackOff']);
  });
});

describe('a node that falls behind', () => {
  test('alerts after two minutes, and no more when it has caught up', async () => {
    const world = new SymbolWorld();
    await world.settle();
    const later = async (ms: number, height: number, network: number) => {
      world.now = new Date(world.now.getTime() + ms);
      answer(world, height, network);
      return statusOf(world, await world.pass());
    };
    expect((await later(0, 100, 105)).condition('Synced')).toMatchObject({ status: 'True' });
    expect(await later(1000, 100, 106)).toMatchObject({ alertNames: [], networkHeight: 106 });
    expect((await later(120_000, 103, 112)).alertNames).toEqual(['NodeBehind']);
    const caughtUp = await later(60_000, 112, 112);
    expect(caughtUp.condition('Synced')).toMatchObject({ status: 'True' });
    expect(caughtUp.alerts).toMatchObject([{ name: 'NodeBehind', endedAt: expect.any(String) }]);
    // Nobody was told, so nobody has to hear of the end.
    expect((await later(300_000, 120, 120)).alerts).toBeUndefined();
  });
});

describe('links of a node that harvests and votes', () => {
  const account = (more: Partial<AccountView> = {}): AccountView => ({
    rest: 'http://rest.test:3000',
    state: { links: { voting: [] }, balances: new Map([['72C0212E67A08BCE', 10_000_000n]]) },
    multisig: { minApproval: 0, cosignatories: [] },
    isMultilevel: false,
    networkTime: 1000n,
    transactions: new Map(),
    ...more,
  });

  async function linking(links: 'Prepare' | 'Sign' | 'Announce') {
    const world = new SymbolWorld({ features: ['HARVESTER', 'VOTER'], accounts: { links } });
    const content = (await world.settle()).observed.network.content;
    if (content === undefined) throw new Error('there is no package');
    world.transactions = await loadSymbolTransactions(content.settings);
    answer(world, 1440, 1440, account());
    return world;
  }

  test.each([
    ['Prepare', 'Prepared', false],
    ['Sign', 'Signed', true],
  ] as const)('%s: a transaction is there for a person, and nothing is announced', async (mode, state, isSigned) => {
    const world = await linking(mode);
    const plan = await world.settle();
    const status = statusOf(world, plan);
    expect(status.links).toMatchObject({ state, transaction: `transaction-${NODE}` });
    expect(status.condition('KeysLinked')).toMatchObject({ status: 'False', reason: state });
    const { data } = world.configMap(`transaction-${NODE}`) ?? {};
    expect(data?.changes?.split('\n')).toHaveLength(3);
    expect(data?.hash !== undefined).toBe(isSigned);
  });

  test('Announce: it is written first, announced until the chain knows it, and let go when the links are there', async () => {
    const world = await linking('Announce');
    const first = await world.pass();
    expect(first.changes.map(({ verb }) => verb)).toEqual(['create']);
    expect((await world.pass()).changes).toMatchObject([{ verb: 'broadcast' }]);
    const { data } = world.configMap(`transaction-${NODE}`) ?? {};
    const known = new Map([[data?.hash ?? '', { group: 'unconfirmed' as const, code: 'Success' }]]);
    answer(world, 1440, 1440, account({ transactions: known }));
    const waiting = await world.pass();
    expect(waiting.changes).toEqual([]);
    expect(statusOf(world, waiting).links).toMatchObject({ state: 'Announced', hash: data?.hash });
    const { identity, votingKeys } = waiting;
    const remote = identity?.harvester?.remote.publicKey;
    const vrf = identity?.harvester?.vrf.publicKey;
    answer(world, 1441, 1441, account({ state: { links: { remote, vrf, voting: votingKeys }, balances: new Map() } }));
    const status = statusOf(world, await world.settle());
    expect(status.links).toEqual({ state: 'Linked', message: 'the main account links the keys of the node' });
    expect(world.configMap(`transaction-${NODE}`)?.data).toEqual({});
  });
});
