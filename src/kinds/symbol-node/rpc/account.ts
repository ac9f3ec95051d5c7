/** What the network knows of the main account, asked of one REST node in one go. */
import { addressOf, renderHex } from '../../../formats/symbol-keys.ts';
import type { CallOutside } from './outside.ts';
import {
  type AccountState,
  type Multisig,
  parseAccount,
  parseMultisig,
  parseNetworkTime,
  parseTransactionStatus,
  type TransactionStatus,
} from './rest.ts';

export type AccountView = {
  /** Base URL of the REST that says so, which takes transactions too. */
  rest: string;
  /** Undefined: the chain has not seen the account, which nobody has sent anything to. */
  state: AccountState | undefined;
  multisig: Multisig;
  /** Whether a cosigner is a multisig account itself. */
  isMultilevel: boolean;
  /** Milliseconds since the network's epochAdjustment. */
  networkTime: bigint;
  /** By hash; what the node does not know is missing. */
  transactions: ReadonlyMap<string, TransactionStatus>;
};

const TIMEOUT_MS = 5000;

/**
 * @param rest base URL, without a slash at its end
 * @param account 32 bytes
 * @param hashes transactions that are followed
 */
export async function askAccount(
  call: CallOutside,
  rest: string,
  account: Uint8Array,
  network: { identifier: number },
  hashes: readonly string[],
  signal?: AbortSignal,
): Promise<AccountView> {
  const get = async (path: string) => (await call(`${rest}${path}`, { timeoutMs: TIMEOUT_MS, signal })).body;
  const askMultisig = async (address: string) => parseMultisig(await get(`/account/${address}/multisig`));
  const [state, multisig, networkTime, ...statuses] = await Promise.all([
    get(`/accounts/${renderHex(account)}`).then(parseAccount),
    askMultisig(addressOf(account, network.identifier)),
    get('/node/time').then(parseNetworkTime),
    ...hashes.map(async (hash) => parseTransactionStatus(await get(`/transactionStatus/${hash}`))),
  ]);
  const ofCosigners = await Promise.all(multisig.cosignatories.map(askMultisig));
  return {
    rest,
    state,
    multisig,
    isMultilevel: ofCosigners.some(({ minApproval }) => minApproval > 0),
    networkTime,
    transactions: new Map(
      statuses.flatMap((status, index) => (status === undefined ? [] : [[hashes[index] as string, status] as const])),
    ),
  };
}
