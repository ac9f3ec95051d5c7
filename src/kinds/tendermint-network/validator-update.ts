/**
 * Sends a change of the validator set to the built-in key-value store so that it is carried out once. The store hands every such transaction
 * on, and CometBFT halts the whole chain for a block that removes a validator which is gone already, or that changes one twice
 * (`verifyRemovals` and `processChanges` of its validator_set.go).
 *
 * So until a transaction is found in a block, nothing but the very same bytes is sent again, which a mempool takes once; and a further one
 * only when the set, read after that block took effect, is still another. Zeros before the power, which mean nothing to the store, make it a
 * new transaction when a validator comes back with the power that it had before.
 */
import { createHash } from 'node:crypto';
import { CometRpcError, parseBlockTxs, parseTxHeight, parseUnconfirmedTxs } from '../../formats/comet-rpc.ts';
import { validatorAddress } from '../../formats/validator-key.ts';
import { askValidators, broadcast, type RpcGet } from './rpc.ts';

/** A change shows in the set that votes on the second block after the one that has the transaction. */
const BLOCKS_UNTIL_EFFECT = 2;
const PREFIX = 'val=';
const UPDATE = /^val=ed25519!([^!]+)!(\d+)$/;
/** As many as CometBFT tells at most. */
const MEMPOOL = '/unconfirmed_txs?limit=100';

export function validatorUpdate(publicKeyBase64: string, power: bigint): string {
  return `${PREFIX}ed25519!${publicKeyBase64}!${power}`;
}

/** @param update as `validatorUpdate` makes it. Sends nothing when it is under way or done; throws when the node cannot tell, or refuses. */
export async function sendValidatorUpdate(get: RpcGet, update: string, signal: AbortSignal): Promise<void> {
  const [start = '', publicKeyBase64 = '', power = ''] = update.split('!');
  let sentBefore = 0;
  let transaction = update;
  for (let zeros = 1; ; zeros++) {
    const height = await heightOf(get, transaction, signal);
    if (height === undefined) break;
    sentBefore = Math.max(sentBefore, height);
    transaction = `${start}!${publicKeyBase64}!${'0'.repeat(zeros)}${power}`;
  }
  const { height, validators } = await askValidators(get, signal);
  if (sentBefore > 0 && height < sentBefore + BLOCKS_UNTIL_EFFECT) return;
  const address = validatorAddress(Buffer.from(publicKeyBase64, 'base64'));
  const found = validators.find((validator) => validator.address === address);
  if ((found?.power ?? 0n) === BigInt(power)) return;
  const { transactions } = parseUnconfirmedTxs(await get(MEMPOOL, signal));
  if (transactions.some((one) => one.toString().startsWith(PREFIX))) return;
  await broadcast(get, transaction, signal);
}

/**
 * Addresses that get power by a transaction which waits for a block, or is in the last one: the set that the node shows when it is asked
 * afterwards has all those before. Undefined when more wait than the node tells.
 */
export async function askRising(get: RpcGet, signal: AbortSignal): Promise<string[] | undefined> {
  // In this order: what leaves the mempool meanwhile is in the block, or in the set.
  const waiting = parseUnconfirmedTxs(await get(MEMPOOL, signal));
  const inBlock = parseBlockTxs(await get('/block', signal));
  if (waiting.total > waiting.transactions.length) return undefined;
  return [...waiting.transactions, ...inBlock].flatMap((transaction) => {
    const [, publicKeyBase64, power] = UPDATE.exec(transaction.toString()) ?? [];
    if (publicKeyBase64 === undefined || BigInt(power as string) === 0n) return [];
    return [validatorAddress(Buffer.from(publicKeyBase64, 'base64'))];
  });
}

/** Of the block that has it, undefined when none has. */
async function heightOf(get: RpcGet, transaction: string, signal: AbortSignal): Promise<number | undefined> {
  const hash = createHash('sha256').update(transaction).digest('hex');
  const answer = await get(`/tx?hash=0x${hash}`, signal);
  try {
    return parseTxHeight(answer);
  } catch (error) {
    if (!(error instanceof CometRpcError)) throw error;
    if (error.data.includes('not found')) return undefined;
    throw new Error(
      `whether "${transaction}" was sent before cannot be told, and to send it twice can halt the chain: ${error.message}. The node needs [tx_index] indexer = "kv" in its config.toml`,
      { cause: error },
    );
  }
}
