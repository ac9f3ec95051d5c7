import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { validatorAddress } from '../../formats/validator-key.ts';
import { askRising, sendValidatorUpdate, validatorUpdate } from './validator-update.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');
const ADDRESS = validatorAddress(Buffer.alloc(32, 7));
const OUT = `val=ed25519!${KEY}!0`;
const IN = `val=ed25519!${KEY}!10`;

type Node = {
  /** Of the last block. */
  height: number;
  power: bigint;
  blocks: Record<string, number>;
  waiting: string[];
  /** Transactions that wait and that it does not show. */
  more?: number;
  indexer?: string;
};

/** What a pass sends, and what the node says to all the questions. */
async function sendTo(node: Node, power = 0n): Promise<string[]> {
  const sent: string[] = [];
  await sendValidatorUpdate(
    async (path) => answer(node, path, sent),
    validatorUpdate(KEY, power),
    AbortSignal.timeout(1000),
  );
  return sent;
}

function answer(node: Node, path: string, sent: string[]): string {
  const url = new URL(path, 'http://node');
  switch (url.pathname) {
    case '/tx': {
      if (node.indexer === 'null') return failure('transaction indexing is disabled');
      const [, height] =
        Object.entries(node.blocks).find(([text]) => url.searchParams.get('hash') === `0x${sha256(text)}`) ?? [];
      return height === undefined ? failure('tx (AA) not found') : result({ height: String(height) });
    }
    case '/validators': {
      const pub_key = { type: 'tendermint/PubKeyEd25519', value: KEY };
      const own = { address: ADDRESS, pub_key, voting_power: String(node.power), proposer_priority: '0' };
      const other = { ...own, address: 'F'.repeat(40), voting_power: '10' };
      const validators = node.power === 0n ? [other] : [other, own];
      const total = String(validators.length);
      return result({ block_height: String(node.height + 1), validators, count: total, total });
    }
    case '/unconfirmed_txs':
      return result({ total: String(node.waiting.length + (node.more ?? 0)), txs: inBase64(node.waiting) });
    case '/block': {
      const texts = Object.entries(node.blocks).flatMap(([text, height]) => (height === node.height ? [text] : []));
      return result({ block: { data: { txs: inBase64(texts) } } });
    }
    case '/broadcast_tx_sync':
      sent.push(JSON.parse(url.searchParams.get('tx') ?? ''));
      return result({ code: 0, log: '', hash: 'AA' });
    default:
      throw new Error(`unexpected ${path}`);
  }
}

const inBase64 = (texts: string[]) => texts.map((text) => Buffer.from(text).toString('base64'));
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const result = (value: unknown) => JSON.stringify({ jsonrpc: '2.0', id: -1, result: value });
const failure = (data: string) =>
  JSON.stringify({ jsonrpc: '2.0', id: -1, error: { code: -32603, message: 'Internal error', data } });

test.each<[string, Node, string[]]>([
  ['goes out', { height: 9, power: 10n, blocks: {}, waiting: [] }, [OUT]],
  [
    'goes out again in the same bytes while no block has it',
    { height: 99, power: 10n, blocks: {}, waiting: ['a=b'] },
    [OUT],
  ],
  ['waits while it waits for a block', { height: 9, power: 10n, blocks: {}, waiting: ['a=b', OUT] }, []],
  ['waits while another change waits for a block', { height: 9, power: 10n, blocks: {}, waiting: [`${OUT}5`] }, []],
  ['waits until its block takes effect', { height: 9, power: 10n, blocks: { [OUT]: 9 }, waiting: [] }, []],
  [
    'is done, though it was decided upon from an older view',
    { height: 20, power: 0n, blocks: { [OUT]: 9 }, waiting: [] },
    [],
  ],
  ['is done by somebody else', { height: 20, power: 0n, blocks: {}, waiting: [] }, []],
  [
    'comes again in other bytes',
    { height: 20, power: 10n, blocks: { [OUT]: 9 }, waiting: [] },
    [`${OUT.slice(0, -1)}00`],
  ],
  [
    'comes a third time in still others',
    { height: 10, power: 10n, blocks: { [OUT]: 3, [`${OUT.slice(0, -1)}00`]: 9 }, waiting: [] },
    [`${OUT.slice(0, -1)}000`],
  ],
])('a removal %s', async (_, node, sent) => {
  expect(await sendTo(node)).toEqual(sent);
});

test('a change of power that is in force already is not sent', async () => {
  expect(await sendTo({ height: 9, power: 12n, blocks: {}, waiting: [] }, 12n)).toEqual([]);
  expect(await sendTo({ height: 9, power: 10n, blocks: {}, waiting: [] }, 12n)).toEqual([validatorUpdate(KEY, 12n)]);
});

test('without an index of transactions nothing is sent, and the error says why', async () => {
  const node = { height: 9, power: 10n, blocks: {}, waiting: [], indexer: 'null' };
  await expect(sendTo(node)).rejects.toThrow(
    /was sent before cannot be told, and to send it twice can halt the chain: RPC error -32603: .*disabled\. The node needs \[tx_index\] indexer = "kv"/,
  );
});

test.each<[string, Node, string[] | undefined]>([
  ['waits for a block', { height: 9, power: 0n, blocks: {}, waiting: ['a=b', IN] }, [ADDRESS]],
  ['is in the last block', { height: 9, power: 0n, blocks: { [IN]: 9 }, waiting: [] }, [ADDRESS]],
  ['is in a block before, which the set shows', { height: 9, power: 0n, blocks: { [IN]: 8 }, waiting: [] }, []],
  ['takes power away', { height: 9, power: 10n, blocks: {}, waiting: [OUT] }, []],
  ['is nothing of ours', { height: 9, power: 0n, blocks: {}, waiting: ['val=sr25519!x!7', 'val=1'] }, []],
  ['may be among more than it shows', { height: 9, power: 0n, blocks: {}, waiting: [], more: 1 }, undefined],
])('what rises, where a transaction %s', async (_, node, expected) => {
  expect(await askRising(async (path) => answer(node, path, []), AbortSignal.timeout(1000))).toEqual(expected);
});
