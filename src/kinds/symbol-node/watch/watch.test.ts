import { describe, expect, it } from 'vitest';
import { keyPairFromSeed } from '../../../formats/ed25519.ts';
import { issueCertificates, readCertificates } from '../../../formats/symbol-certificates.ts';
import type { Pod } from '../../../kube/objects.ts';
import type { NetworkHeight } from '../rpc/chain-height.ts';
import { foldAnswer, type NodeReading } from '../rpc/reading.ts';
import { judgeCertificates } from './certificates.ts';
import { judgeHeight } from './height.ts';
import { measureNode } from './measurements.ts';
import { findPodTroubles } from './pods.ts';
import { epochsToFill, findExpiredLinks, findGap, judgeVotingKeys } from './voting-keys.ts';

const DAY = 86_400_000;
const pair = (byte: number) => keyPairFromSeed(new Uint8Array(32).fill(byte));

describe('findPodTroubles', () => {
  const pod = (status: object) => ({ metadata: { name: 'node-0' }, status }) as unknown as Pod;
  const waiting = (reason: string, last?: object, message?: string) => ({
    name: 'client',
    state: { waiting: { reason, ...(message === undefined ? {} : { message }) } },
    lastState: last === undefined ? {} : { terminated: last },
  });

  it.each<[string, object, [string, string][]]>([
    ['runs', { phase: 'Running', containerStatuses: [{ name: 'client', state: { running: {} } }] }, []],
    ['is being made', { phase: 'Pending', containerStatuses: [waiting('ContainerCreating')] }, []],
    [
      'failed',
      { phase: 'Failed', reason: 'Evicted', message: 'low on disk' },
      [['PodFailed', 'Pod node-0 failed: Evicted: low on disk']],
    ],
    [
      'crashes',
      { containerStatuses: [waiting('CrashLoopBackOff', { exitCode: 137, reason: 'OOMKilled' })] },
      [['CrashLoopBackOff:client', 'container client is in CrashLoopBackOff: exit code 137 (OOMKilled)']],
    ],
    [
      'finds a lock',
      { containerStatuses: [waiting('CrashLoopBackOff', { exitCode: 253, reason: 'Error' })] },
      [['CrashLoopBackOff:client', expect.stringContaining('did not stop cleanly') as unknown as string]],
    ],
    [
      'has no image',
      { initContainerStatuses: [waiting('ImagePullBackOff', undefined, 'Back-off pulling "x"')] },
      [['ImagePullBackOff:client', 'container client is in ImagePullBackOff: Back-off pulling "x"']],
    ],
    [
      'has an error',
      { containerStatuses: [waiting('Error', { exitCode: 1, message: 'a\nb\n' })] },
      [['Error:client', 'container client is in Error: exit code 1: b']],
    ],
  ])('of a pod that %s', (_, status, expected) => {
    const found = findPodTroubles(pod(status));
    expect(found.map(({ name, message }) => [name, message])).toEqual(expected);
    expect(found.every(({ severity }) => severity === 'critical')).toBe(true);
  });
});

describe('judgeHeight', () => {
  const node = (height: number) => ({ height, finalizedHeight: 90 });
  const network = (height: number): NetworkHeight => ({ height, finalizedHeight: 90, source: 'nodewatch' });
  const fold = (...answers: [number, Parameters<typeof foldAnswer>[1]][]) =>
    answers.reduce<NodeReading | undefined>((reading, [at, answer]) => foldAnswer(reading, answer, at, 5), undefined);

  it.each<[string, NodeReading | undefined, number, string[], string | undefined]>([
    ['is not there', undefined, 0, ['Unknown', 'NotAnswering'], undefined],
    ['never answered', fold([0, new Error('no')]), 0, ['Unknown', 'NotAnswering'], undefined],
    ['answers no more', fold([0, { node: node(9) }], [1, new Error('no')]), 1, ['Unknown', 'NotAnswering'], undefined],
    [
      'is as far as the network',
      fold([0, { node: node(100), network: network(105) }]),
      0,
      ['True', 'InSync'],
      undefined,
    ],
    ['is ahead', fold([0, { node: node(110), network: network(105) }]), 0, ['True', 'InSync'], undefined],
    [
      'has just been behind',
      fold([0, { node: node(100), network: network(106) }]),
      119_000,
      ['False', 'Behind'],
      undefined,
    ],
    [
      'has been behind',
      fold([0, { node: node(100), network: network(106) }]),
      120_000,
      ['False', 'Behind'],
      '6 blocks behind the network: at height 100, nodewatch: 106; more than 5 are too many; since 1970-01-01T00:00Z',
    ],
    [
      'has caught up',
      fold([0, { node: node(1), network: network(106) }], [9, { node: node(101) }]),
      9e5,
      ['True', 'InSync'],
      undefined,
    ],
    ['is alone', fold([0, { node: node(1) }]), 0, ['Unknown', 'NetworkUnknown'], undefined],
    [
      'is alone and goes on',
      fold([0, { node: node(1) }], [9, { node: node(2) }]),
      10,
      ['True', 'Advancing'],
      undefined,
    ],
    [
      'is alone and stands',
      fold([0, { node: node(1) }], [9, { node: node(2) }]),
      1e6,
      ['Unknown', 'NetworkUnknown'],
      undefined,
    ],
  ])('of a node that %s', (_, reading, now, [status, reason]: string[], message) => {
    const { condition, finding } = judgeHeight(reading, 5, now);
    expect(condition).toMatchObject({ type: 'Synced', status, reason });
    if (message === undefined) expect(finding).toBeUndefined();
    else expect(finding).toMatchObject({ name: 'NodeBehind', message: expect.stringContaining(message) });
  });

  it('says who could not tell the height of the network', () => {
    const reading = fold([0, { node: node(1), network: new Error('nodewatch: the name does not resolve') }]);
    expect(judgeHeight(reading, 5, 0).condition.message).toContain('nodewatch: the name does not resolve');
  });
});

describe('judgeCertificates, as time goes by', () => {
  const start = new Date('2026-01-01T00:00:00Z');
  const files = issueCertificates({
    ca: pair(1),
    node: pair(2),
    caCommonName: 'ca',
    nodeCommonName: 'node',
    caDays: 400,
    nodeDays: 375,
    now: start,
    random: (size) => new Uint8Array(size).fill(1),
  });
  const certificates = readCertificates(files, 'Secret c');
  const policy = { renewBeforeDays: 30, autoRenew: true };
  const later = (days: number) => new Date(start.getTime() + days * DAY);

  it.each<[number, boolean, string, string, string | undefined]>([
    [0, true, 'True', 'Valid', undefined],
    [345, true, 'True', 'Valid', undefined],
    [345.1, true, 'True', 'Renewing', undefined],
    [345.1, false, 'True', 'ExpiresSoon', 'CertificateExpiresSoon'],
    [374.9, false, 'True', 'ExpiresSoon', 'CertificateExpiresSoon'],
    [375, true, 'False', 'Expired', 'CertificateExpired'],
    [5000, false, 'False', 'Expired', 'CertificateExpired'],
  ])('after %d days', (days, autoRenew, status, reason, finding) => {
    const judged = judgeCertificates(certificates, undefined, { ...policy, autoRenew }, later(days));
    expect(judged.condition).toMatchObject({ status, reason });
    expect(judged.finding?.name).toBe(finding);
  });

  it('tells of the one that ends first', () => {
    const soon = { ...certificates, caNotAfter: later(20) };
    expect(judgeCertificates(soon, undefined, policy, later(0)).condition.message).toContain(
      'the CA certificate ends at 2026-01-21T00:00:00Z, in 20 days',
    );
  });

  it.each([
    ['of another account', certificates, 'CaKeyMismatch'],
    ['that cannot be read', undefined, 'CertificatesInvalid'],
  ] as const)('tells why something is wrong with certificates %s', (_, found, reason) => {
    const problem = { reason, message: 'what it is' };
    expect(judgeCertificates(found, problem, policy, later(0))).toEqual({
      condition: { type: 'CertificateValid', status: 'False', reason, message: 'what it is' },
      finding: { name: reason, severity: 'critical', message: 'what it is' },
    });
  });

  it('says that they are expired and why nobody renews them', () => {
    const problem = { reason: 'CaKeyMissing', message: 'the key is gone' } as const;
    expect(judgeCertificates(certificates, problem, policy, later(400)).condition).toMatchObject({
      reason: 'Expired',
      message: expect.stringContaining('no other node talks to this one: the key is gone'),
    });
    expect(judgeCertificates(undefined, undefined, policy, later(0)).condition.status).toBe('Unknown');
  });
});

describe('voting keys', () => {
  const key = (startEpoch: number, endEpoch: number, byte = 1) => ({
    startEpoch,
    endEpoch,
    rootPublicKey: pair(byte).publicKey,
  });
  const network = { minLifetime: 28, maxLifetime: 720 };

  it.each<[string, ReturnType<typeof key>[], number, object | undefined, object | undefined]>([
    ['no keys', [], 100, undefined, undefined],
    ['one range', [key(10, 200)], 100, undefined, undefined],
    ['ranges that meet', [key(150, 200), key(10, 149)], 100, undefined, undefined],
    ['ranges that overlap', [key(10, 160), key(150, 200)], 100, undefined, undefined],
    ['a hole', [key(10, 149), key(200, 300)], 100, [150, 199], [150, 199]],
    ['a hole that is near', [key(10, 101), key(200, 300)], 100, [102, 199], [102, 199]],
    ['a hole that has begun', [key(10, 90), key(200, 300)], 100, [100, 199], [102, 199]],
    ['a hole too short for a link', [key(10, 149), key(170, 300)], 100, [150, 169], undefined],
    ['a hole too long for a key', [key(10, 149), key(2000, 3000)], 100, [150, 1999], [150, 869]],
    ['a hole behind us', [key(10, 20), key(50, 300)], 100, undefined, undefined],
  ])('with %s', (_, keys, epoch, gap, fill) => {
    const range = (value: object | undefined) =>
      value && { startEpoch: (value as number[])[0], endEpoch: (value as number[])[1] };
    expect(findGap(keys, epoch)).toEqual(range(gap));
    expect(epochsToFill(keys, epoch, network)).toEqual(range(fill));
  });

  it('are unlinked when no vote needs them any more', () => {
    const linked = [key(1, 99), key(1, 100, 2), key(50, 98, 3)];
    expect(findExpiredLinks(linked, 100)).toEqual([linked[0], linked[2]]);
  });

  const policy = { renewBeforeDays: 30, autoRenew: true };
  const judge = (keys: ReturnType<typeof key>[], epoch: number, linked = keys, autoRenew = true) =>
    judgeVotingKeys({ keys, linked, epoch, secondsPerEpoch: 720 * 30 }, { ...policy, autoRenew });

  // Four epochs a day: 30 days are 120 epochs.
  it.each<[string, ReturnType<typeof judge>, string, string | undefined]>([
    ['that are good', judge([key(10, 729)], 609), 'Valid', undefined],
    ['that end soon', judge([key(10, 729)], 610), 'Renewing', undefined],
    [
      'that end soon and nobody renews',
      judge([key(10, 729)], 610, undefined, false),
      'ExpireSoon',
      'VotingKeysExpireSoon',
    ],
    ['of the last epoch', judge([key(10, 729)], 729), 'Renewing', undefined],
    ['that have ended', judge([key(10, 729)], 730), 'VotingKeysExpired', 'VotingKeysExpired'],
    ['that have all ended long ago', judge([key(10, 29), key(30, 99)], 5000), 'VotingKeysExpired', 'VotingKeysExpired'],
    ['that are followed by others', judge([key(10, 729), key(730, 1449, 2)], 720), 'Valid', undefined],
    ['that begin now', judge([key(102, 821)], 100), 'NotYet', undefined],
    ['that begin too late', judge([key(103, 821)], 100), 'VotingKeysGap', 'VotingKeysGap'],
    ['with a hole in the middle', judge([key(10, 200), key(300, 900, 2)], 100), 'VotingKeysGap', 'VotingKeysGap'],
    ['that nobody linked', judge([key(10, 729)], 100, []), 'VotingKeyNotLinked', 'VotingKeyNotLinked'],
    [
      'that are linked otherwise',
      judge([key(10, 729)], 100, [key(10, 729, 3)]),
      'VotingKeyNotLinked',
      'VotingKeyNotLinked',
    ],
    ['that do not exist', judge([], 100), 'NoVotingKeys', undefined],
    ['at an unknown height', judgeVotingKeys(undefined, policy), 'EpochUnknown', undefined],
    [
      'of an account that nobody told about',
      judgeVotingKeys({ keys: [key(10, 729)], linked: undefined, epoch: 100, secondsPerEpoch: 21_600 }, policy),
      'Valid',
      undefined,
    ],
  ])('%s', (_, { condition, finding }, reason, name) => {
    expect(condition.reason).toBe(reason);
    expect(finding?.name).toBe(name);
  });
});

describe('measureNode', () => {
  const place = { namespace: 'symbol', name: 'testnode' };
  const nothing = { reading: undefined, voting: undefined, alerts: [] };

  it('tells numbers that are known', () => {
    const reading = foldAnswer(undefined, { node: { height: 100, finalizedHeight: 90, peers: 3 } }, 0, 5);
    const voting = { lastEpoch: 110, epoch: 100 };
    const measured = measureNode(place, { ...nothing, reading, voting });
    expect(
      Object.fromEntries(measured.map(({ name, value }) => [name.replace('nodewright_symbol_node_', ''), value])),
    ).toEqual({
      finalized_height: 90,
      finalization_epoch: 100,
      last_voting_epoch: 110,
      alerts: 0,
    });
    expect(measured.every(({ labels }) => labels.node === 'testnode')).toBe(true);
  });

  it('leaves out what is not', () => {
    expect(measureNode(place, nothing)).toHaveLength(1);
  });
});
