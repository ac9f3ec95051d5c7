import { describe, expect, it } from 'vitest';
import { keyPairFromSeed } from '../../formats/ed25519.ts';
import { readNetworkPackage } from '../../formats/symbol-network-package.ts';
import { makePackageFiles } from '../../formats/symbol-package-fixture.ts';
import { type AccountLinks, loadSymbolTransactions } from '../../formats/symbol-transactions.ts';
import type { ConfigMap, Pod, Secret } from '../../kube/objects.ts';
import type { Identity } from './identities.ts';
import { followedHashes, type LinkInput, planLinks } from './link-plan.ts';
import { namesOf } from './names.ts';
import type { AccountView } from './rpc/account.ts';
import { foldAnswer } from './rpc/reading.ts';
import type { SymbolNode, SymbolNodeSpec } from './schema.ts';
import { settingsOf } from './settings.ts';

const pair = (byte: number) => keyPairFromSeed(new Uint8Array(32).fill(byte));
const content = readNetworkPackage(makePackageFiles(), 'package');
const transactions = await loadSymbolTransactions(content.settings);
const names = namesOf('node');
const now = new Date('2026-01-02T03:04:05Z');
const [old, current] = [
  { rootPublicKey: pair(5).publicKey, startEpoch: 3, endEpoch: 9 },
  { rootPublicKey: pair(6).publicKey, startEpoch: 10, endEpoch: 729 },
];

function resourceWith(spec: Partial<SymbolNodeSpec> = {}): SymbolNode {
  return {
    apiVersion: 'nodewright.dev/v1alpha1',
    kind: 'SymbolNode',
    metadata: { name: 'node', namespace: 'symbol', uid: 'u' },
    spec: {
      ...{ image: 'catapult:1', volumeSize: '1Gi', hostName: '', friendlyName: 'n', network: 'test' },
      ...{ features: ['HARVESTER', 'VOTER'], accounts: { links: 'Announce' }, ...spec },
    },
  };
}

function reading(links: Partial<AccountLinks> = {}, more: Partial<AccountView> = {}) {
  const account: AccountView = {
    rest: 'http://rest.test:3000',
    state: { links: { voting: [], ...links }, balances: new Map([['72C0212E67A08BCE', 10_000_000n]]) },
    multisig: { minApproval: 0, cosignatories: [] },
    isMultilevel: false,
    networkTime: 1000n,
    transactions: new Map(),
    ...more,
  };
  return foldAnswer(undefined, { node: { height: 9, finalizedHeight: 8 }, account }, now.getTime() - 60_000, 5);
}

function plan(input: Partial<LinkInput> = {}, resource = resourceWith()) {
  const identity = {
    ca: { pair: pair(1), isNew: false },
    certificates: { caPublicKey: pair(1).publicKey },
    harvester: { remote: pair(3), vrf: pair(4), isNew: false },
    problems: [],
  } as unknown as Identity;
  return planLinks(resource, {
    names,
    settings: settingsOf(resource, 'node'),
    content,
    identity,
    votingKeys: [old, current],
    epoch: 12,
    surelyAt: 12,
    pod: { metadata: { name: names.pod, namespace: 'symbol' } } as Pod,
    reading: reading(),
    cosigner: undefined,
    live: undefined,
    transactions,
    now,
    ...input,
  });
}

/** As the API server has it after the first write. */
function written(): ConfigMap {
  const [change] = plan().changes;
  if (change?.verb !== 'create') throw new Error('nothing is created');
  const { metadata } = change.object;
  return { ...change.object, metadata: { ...metadata, uid: 'c', resourceVersion: '7' } };
}

describe('planLinks', () => {
  it('writes down what it will announce, and announces what is written down', () => {
    const first = plan();
    expect(first.changes).toMatchObject([
      {
        verb: 'create',
        key: { namespace: 'symbol', name: 'transaction-node' },
        object: { data: { kind: 'complete' } },
      },
    ]);
    const live = written();
    const second = plan({ live, now: new Date(now.getTime() + 5000) });
    expect(second.changes).toMatchObject([{ verb: 'broadcast', key: { name: names.pod } }]);
    const [sent] = second.changes;
    expect(JSON.parse(sent?.verb === 'broadcast' ? sent.transaction : '')).toEqual({
      url: 'http://rest.test:3000/transactions',
      payload: live.data?.payload,
    });
    expect(followedHashes(live)).toEqual([live.data?.hash]);
    // An old view of the cluster would write something else; the API server has it already.
    expect(plan({ now: new Date(now.getTime() + 5000) }).changes[0]?.verb).toBe('create');
  });

  it('links the keys that the node has, but none that has ended', () => {
    const { data } = written();
    expect(data?.changes?.split('\n').map((line) => line.replace(/[0-9A-F]{64}/, '…'))).toEqual([
      'link account key …',
      'link vrf key …',
      'link voting key … for epochs 10 to 729',
    ]);
    // The clock of the network has gone on since it was asked, and the transaction is good for an hour.
    expect(data?.deadline).toBe(String(1000 + 60_000 + 3_600_000));
  });

  it('gives up links of keys that have ended', () => {
    const { changes } = plan({
      reading: reading({ remote: pair(3).publicKey, vrf: pair(4).publicKey, voting: [old] }),
    });
    expect(changes[0]?.verb === 'create' && (changes[0].object as ConfigMap).data?.changes).toMatch(
      /^unlink voting key .* 3 to 9\nlink voting key .* 10 to 729$/,
    );
  });

  it('does not write over what was written since, and lets go what is done', () => {
    const live = written();
    const linked = reading({ remote: pair(3).publicKey, vrf: pair(4).publicKey, voting: [current] });
    const { changes, step } = plan({ live, reading: linked });
    expect(step?.state).toBe('Linked');
    expect(changes).toMatchObject([
      { verb: 'patch', patch: { metadata: { uid: 'c', resourceVersion: '7' }, data: { payload: null, hash: null } } },
    ]);
    const empty = { ...live, data: {} };
    expect(plan({ live: empty, reading: linked })).toMatchObject({ changes: [], hash: undefined });
  });

  it.each<[string, Partial<SymbolNodeSpec>, Partial<LinkInput>, object]>([
    ['a peer', { features: [] }, {}, { step: undefined, changes: [] }],
    ['a node that nobody answers', {}, { reading: undefined }, { step: { state: 'Unknown' }, changes: [] }],
    ['what is not loaded yet', {}, { transactions: undefined }, { step: { state: 'Signed' }, changes: [] }],
    [
      'a person who signs',
      { accounts: { links: 'Prepare' } },
      {},
      { step: { state: 'Prepared' }, hash: undefined, changes: [{ verb: 'create' }] },
    ],
    [
      'the key of another account',
      {},
      {
        identity: { ca: { pair: pair(2), isNew: false }, certificates: { caPublicKey: pair(1).publicKey } } as Identity,
      },
      { step: { state: 'Failed', message: expect.stringContaining('set spec.caKeySecret') }, changes: [] },
    ],
    [
      'a cosigner who is missing',
      { accounts: { links: 'Sign', cosigner: { name: 'co', key: 'key' } } },
      {},
      {
        problems: [{ reason: 'CosignerMissing', message: expect.stringContaining('Secret co does not exist') }],
        changes: [],
      },
    ],
    [
      'a cosigner who is none',
      { accounts: { links: 'Sign', cosigner: { name: 'co', key: 'key' } } },
      { cosigner: { data: { key: Buffer.from('x').toString('base64') } } as unknown as Secret },
      { problems: [{ reason: 'CosignerInvalid' }] },
    ],
    [
      'a transaction that was edited',
      {},
      { live: { metadata: { name: 'transaction-node' }, data: { payload: 'x' } } as unknown as ConfigMap },
      {
        problems: [{ reason: 'TransactionInvalid', message: expect.stringContaining('delete the ConfigMap') }],
        changes: [],
      },
    ],
  ])('knows what to do about %s', (_, spec, input, expected) => {
    expect(plan(input, resourceWith(spec))).toMatchObject(expected);
  });
});
