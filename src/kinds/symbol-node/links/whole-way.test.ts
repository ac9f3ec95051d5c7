import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccountLinks } from '../../../formats/symbol-transactions.ts';
import type { TransactionStatus } from '../rpc/rest.ts';
import {
  cosigner,
  key,
  main,
  minute,
  multisig,
  settings,
  situation,
  transactions,
  view,
  voting,
} from './links-fixture.ts';
import { makeRecord } from './make.ts';
import { planLinkStep } from './plan.ts';
import { hashesOf, type LinkRecord, parseRecord, renderRecord } from './record.ts';

/**
 * A chain that takes what is announced or loses it, shows the account late, and an operator that forgets everything but the ConfigMap. Whatever
 * happens, no two transactions are under way at once, and in the end the keys are linked.
 */
describe('the whole way', () => {
  type Step = { minutes: number; isLost: boolean; showsLate: boolean; isRefused: boolean };
  const steps = fc.array(
    fc.record({
      minutes: fc.integer({ min: 0, max: 40 }),
      isLost: fc.boolean(),
      showsLate: fc.boolean(),
      isRefused: fc.boolean(),
    }),
    { maxLength: 25 },
  );

  function run(trouble: readonly Step[], minApproval: number) {
    let now = 1000n;
    let stored: Record<string, string> | undefined;
    let links: AccountLinks = { voting: [] };
    let shown: AccountLinks = links;
    const chain = new Map<string, TransactionStatus>();
    const announced = new Map<string, bigint>();
    for (let count = 0; count < 400; count++) {
      const step = trouble[count] ?? { minutes: 10, isLost: false, showsLate: false, isRefused: false };
      now += BigInt(step.minutes) * minute;
      for (const [hash, status] of chain) if (status.group === 'unconfirmed') confirm(hash);
      if (!step.showsLate) shown = links;
      const waiting = stored === undefined ? undefined : parseRecord(stored, 'ConfigMap t');
      const who = { multisig: { ...multisig, minApproval }, networkTime: now };
      const transactionsSeen = new Map([...chain].filter(([hash]) => hashesOf(waiting).includes(hash)));
      const { state, action } = planLinkStep(
        situation({
          cosigner: key(4),
          record: waiting,
          view: view({
            links: shown,
            transactions: transactionsSeen,
            ...(minApproval > 0 ? who : { networkTime: now }),
          }),
        }),
      );
      if (state === 'Linked' && action === undefined) return { links, announced };
      if (action?.do === 'forget') stored = undefined;
      if (action?.do === 'make') {
        const signer = minApproval > 0 ? cosigner : main;
        stored = renderRecord(
          makeRecord(transactions, {
            changes: action.changes,
            account: key(0),
            minApproval,
            signer,
            networkTime: now,
            settings,
          }),
        );
      }
      if (action?.do === 'announce' && waiting !== undefined) send(waiting, action.part, step);
    }
    return { links, announced };

    function send(made: LinkRecord, part: 'lock' | 'transaction', { isLost, isRefused }: Step) {
      const hash = (part === 'lock' ? made.lock?.hash : made.hash) as string;
      if (part === 'transaction') {
        const live = [...announced].filter(([other, deadline]) => other !== hash && deadline >= now && !isOver(other));
        expect(live).toEqual([]);
        announced.set(hash, made.deadline);
      }
      if (isLost || chain.has(hash)) return;
      chain.set(hash, isRefused ? { group: 'failed', code: 'Failure_X' } : { group: 'unconfirmed', code: 'Success' });
    }
    function isOver(hash: string): boolean {
      return ['confirmed', 'failed'].includes(chain.get(hash)?.group ?? '');
    }
    function confirm(hash: string) {
      chain.set(hash, { group: 'confirmed', code: 'Success' });
      if (announced.has(hash)) links = { remote: key(1), vrf: key(2), voting: [voting] };
    }
  }

  it.each([[0], [2]])(
    'ends with the keys linked, with %i cosignatures',
    (minApproval) => {
      fc.assert(
        fc.property(steps, (trouble) => {
          expect(run(trouble, minApproval).links.voting).toEqual([voting]);
        }),
        { numRuns: 25 },
      );
    },
    60_000,
  );

  it('announces one transaction where nothing goes wrong', () => {
    expect(run([], 0).announced.size).toBe(1);
  });
});
