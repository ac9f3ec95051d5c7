import { models } from 'symbol-sdk/symbol';
import { describe, expect, it } from 'vitest';
import { renderHex } from '../../../formats/symbol-keys.ts';
import { planLinks } from '../../../formats/symbol-transactions.ts';
import { bonded, complete, cosigner, hour, key, record, settings, transactions, wanted } from './links-fixture.ts';
import { announce, describeAnnouncement, makeRecord } from './make.ts';
import { parseRecord, renderRecord } from './record.ts';

describe('makeRecord', () => {
  const read = (payload: string | undefined) =>
    models.TransactionFactory.deserialize(Uint8Array.from(Buffer.from(payload ?? '', 'hex'))).toJson();

  it('signs for an hour', () => {
    expect(complete).toMatchObject({ isBonded: false, deadline: 1000n + hour });
    expect(read(complete.payload)).toMatchObject({ deadline: String(1000n + hour), fee: String(200 * 440) });
    expect(record()).toEqual(complete);
  });

  it('leaves the signature to a person', () => {
    const unsigned = record(0, 'nobody');
    expect(unsigned.hash).toBeUndefined();
    expect(read(unsigned.payload)).toMatchObject({ signature: '00'.repeat(64), signerPublicKey: renderHex(key(0)) });
  });

  it('gives cosigners as long as the deposit lasts, and deposits it within the hour', () => {
    expect(bonded).toMatchObject({ isBonded: true, deadline: 1000n + 12n * hour, lock: { deadline: 1000n + hour } });
    expect(read(bonded.lock?.payload)).toMatchObject({ hash: bonded.hash, duration: '1440' });
    const slow = { ...settings, blockSeconds: 3600 };
    const options = { changes: planLinks({ voting: [] }, wanted), account: key(0), minApproval: 2, networkTime: 0n };
    expect(makeRecord(transactions, { ...options, signer: cosigner, settings: slow }).deadline).toBe(48n * hour);
  });

  it.each([
    ['complete', complete],
    ['bonded', bonded],
    ['unsigned', record(0, 'nobody')],
    ['unsigned and bonded', record(2, 'nobody')],
  ])('is kept in a ConfigMap: %s', (_, made) => {
    expect(parseRecord(renderRecord(made), 'ConfigMap t')).toEqual(made);
  });

  it.each([
    [{ payload: 'XX' }, 'ConfigMap t: payload: found something else, need a transaction in hex: delete the ConfigMap'],
    [{ deadline: 'soon' }, 'deadline: found something else, need milliseconds'],
    [{ 'lock-hash': '' }, 'lock-hash: found something else'],
    [{ kind: 'bound' }, 'kind: found something else, need bonded or complete'],
  ])('is refused when it was edited: %j', (edits, message) => {
    expect(() => parseRecord({ ...renderRecord(bonded), ...edits }, 'ConfigMap t')).toThrow(message);
  });
});

describe('announce', () => {
  it.each([
    [complete, 'transaction', '/transactions', complete.payload],
    [bonded, 'transaction', '/transactions/partial', bonded.payload],
    [bonded, 'lock', '/transactions', bonded.lock?.payload],
  ] as const)('sends to the right place', async (made, part, path, payload) => {
    const sent: unknown[] = [];
    const text = describeAnnouncement('http://rest:3000', made, part);
    await announce(async (url, { method, json }) => {
      sent.push([method, url, json]);
      return { status: 202, body: '{"message":"packet 9 was pushed to the network via /transactions"}' };
    }, text);
    expect(sent).toEqual([['PUT', `http://rest:3000${path}`, { payload }]]);
  });

  it('throws when REST does not take it', async () => {
    const refuse = async () => ({ status: 409, body: '{"code":"InvalidArgument"}' });
    await expect(announce(refuse, describeAnnouncement('http://rest:3000', complete, 'transaction'))).rejects.toThrow(
      'rest:3000 did not take the transaction: HTTP 409 {"code":"InvalidArgument"}',
    );
  });
});
