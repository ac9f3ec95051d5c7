/**
 * A Symbol network as a node's account sees it: takes what is announced, or loses it; makes blocks now and then; knows multisig accounts.
 * What a payload changes is told to it by who made it, as only its bytes count here.
 */
import { parsePublicKey } from '../../src/formats/symbol-keys.ts';
import type { AccountLinks } from '../../src/formats/symbol-transactions.ts';
import type { LinkRecord } from '../../src/kinds/symbol-node/links/record.ts';
import type { AccountView } from '../../src/kinds/symbol-node/rpc/account.ts';
import type { TransactionStatus } from '../../src/kinds/symbol-node/rpc/rest.ts';
import type { Random } from './random.ts';

const BLOCK_MS = 30_000;
export const GROUPING = 720;
const MAX_VOTING_KEYS = 3;
const CHANGE = /^(link|unlink) (account|vrf|voting) key ([0-9A-F]{64})(?: for epochs (\d+) to (\d+))?$/;

type Known = { status: TransactionStatus; record: LinkRecord; isLock: boolean };

export class SymbolChain {
  /** What was made, by payload of the transaction and of its lock. */
  readonly made = new Map<string, { record: LinkRecord; hash: string; isLock: boolean }>();
  readonly violations: string[] = [];
  readonly #random: Random;
  readonly #start: number;
  readonly #known = new Map<string, Known>();
  /** By hash, whether it arrived or not: somebody may still pass it on. */
  readonly #announced = new Map<string, LinkRecord>();
  readonly #multisig: AccountView['multisig'];
  #links: AccountLinks = { voting: [] };
  #now: number;
  /** Linked since the start, which shows that something happened at all. */
  confirmed = 0;

  constructor(random: Random, now: number, multisig: AccountView['multisig']) {
    this.#random = random;
    this.#start = now;
    this.#now = now;
    this.#multisig = multisig;
  }

  get height(): number {
    return 1440 + Math.floor((this.#now - this.#start) / BLOCK_MS);
  }

  get finalizedHeight(): number {
    return this.height - 40;
  }

  get #networkTime(): bigint {
    return BigInt(this.#now - this.#start + 1000);
  }

  /** @param isReliable every block takes what waits, and every cosigner signs */
  turn(now: number, isReliable: boolean): void {
    this.#now = now;
    for (const [hash, known] of this.#known) {
      const { status, record, isLock } = known;
      const isOver = (isLock ? (record.lock?.deadline ?? 0n) : record.deadline) < this.#networkTime;
      if (isOver && status.group !== 'confirmed' && status.group !== 'failed') this.#known.delete(hash);
      else if (status.group === 'partial' && (isReliable || this.#random.chance(0.2))) this.#set(known, 'unconfirmed');
      else if (status.group === 'unconfirmed' && (isReliable || this.#random.chance(0.4))) this.#confirm(known);
    }
  }

  /** Everything that is written as a record is known before it can be announced. */
  learn(record: LinkRecord): void {
    if (record.hash !== undefined) this.made.set(record.payload, { record, hash: record.hash, isLock: false });
    if (record.lock !== undefined) this.made.set(record.lock.payload, { record, hash: record.lock.hash, isLock: true });
  }

  announce(url: string, payload: string, isLost: boolean): void {
    const made = this.made.get(payload);
    if (made === undefined) {
      this.violations.push(`announced before it was written down: ${payload.slice(0, 40)}`);
      return;
    }
    const { record, hash, isLock } = made;
    if (url.endsWith('/partial') !== (record.isBonded && !isLock)) this.violations.push(`${hash} went to ${url}`);
    if (!isLock) {
      for (const [other, { deadline }] of this.#announced) {
        const group = this.#known.get(other)?.status.group;
        const isOver = deadline < this.#networkTime || group === 'confirmed' || group === 'failed';
        if (other !== hash && !isOver) this.violations.push(`${hash} is announced while ${other} is under way`);
      }
      this.#announced.set(hash, record);
    }
    if (isLost || this.#known.has(hash)) return;
    const deadline = isLock ? (record.lock?.deadline ?? 0n) : record.deadline;
    if (deadline < this.#networkTime) return;
    const lock = this.#known.get(record.lock?.hash ?? '');
    // Nodes drop a bonded transaction without its deposit, and say nothing.
    if (record.isBonded && !isLock && lock?.status.group !== 'confirmed') return;
    const group = record.isBonded && !isLock ? 'partial' : 'unconfirmed';
    this.#known.set(hash, { status: { group, code: 'Success' }, record, isLock });
  }

  view(hashes: readonly string[]): AccountView {
    return {
      rest: 'http://rest.test:3000',
      state: { links: this.#links, balances: new Map([['72C0212E67A08BCE', 1_000_000_000n]]) },
      multisig: this.#multisig,
      isMultilevel: false,
      networkTime: this.#networkTime,
      transactions: new Map(
        hashes.flatMap((hash) => {
          const known = this.#known.get(hash);
          return known === undefined ? [] : [[hash, known.status] as const];
        }),
      ),
    };
  }

  #set(known: Known, group: TransactionStatus['group'], code = 'Success'): void {
    known.status = { group, code };
  }

  /** The network's rules: what is linked can't be linked again, and an account has three voting keys at most. */
  #confirm(known: Known): void {
    this.#set(known, 'confirmed');
    if (known.isLock) return;
    let next = this.#links;
    for (const line of known.record.changes) {
      const [, action, key, hex = '', start, end] = CHANGE.exec(line) ?? [];
      const publicKey = parsePublicKey(hex, 'a change');
      const name = key === 'account' ? 'remote' : 'vrf';
      if (key === 'voting') {
        const link = { rootPublicKey: publicKey, startEpoch: Number(start), endEpoch: Number(end) };
        const others = next.voting.filter(({ rootPublicKey }) => Buffer.compare(rootPublicKey, publicKey) !== 0);
        const isLinked = others.length < next.voting.length;
        if (isLinked === (action === 'link')) return void this.#refuse(known, line);
        if (action === 'link' && next.voting.length >= MAX_VOTING_KEYS) return void this.#refuse(known, line);
        next = { ...next, voting: action === 'link' ? [...others, link] : others };
      } else {
        if ((next[name] !== undefined) === (action === 'link')) return void this.#refuse(known, line);
        next = { ...next, [name]: action === 'link' ? publicKey : undefined };
      }
    }
    this.#links = next;
    this.confirmed++;
  }

  #refuse(known: Known, line: string): void {
    this.#set(known, 'failed', 'Failure_AccountLink_Link_Already_Exists');
    this.violations.push(`the network refuses: ${line}`);
  }
}
