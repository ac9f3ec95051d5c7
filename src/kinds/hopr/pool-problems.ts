/** What is wrong with a pool as it is written, beyond what the API server refuses. */
import { checkCronSchedule } from '../../formats/cron-schedule.ts';
import { FormatError } from '../../formats/format-error.ts';
import type { Problem } from '../problem.ts';
import type { IdentityPool } from './schema.ts';

/** The reason `FundingInvalid` keeps the job from being made or changed. */
export function findPoolProblems({ spec }: IdentityPool): Problem[] {
  const { network, funding } = spec;
  return [
    ...(network === ''
      ? [
          {
            reason: 'NetworkMissing' as const,
            message:
              'spec.network: is empty, so that nodes join no network; make another pool, as it cannot be changed',
          },
        ]
      : []),
    ...(funding === undefined ? [] : [...findBadSchedule(funding.schedule), ...findBadAmount(funding.nativeAmount)]),
  ];
}

function findBadSchedule(schedule: string): Problem[] {
  try {
    checkCronSchedule(schedule, 'spec.funding.schedule');
    return [];
  } catch (error) {
    if (error instanceof FormatError) return [{ reason: 'FundingInvalid', message: error.message }];
    throw error;
  }
}

function findBadAmount(amount: string): Problem[] {
  if (/^\d+(\.\d+)?$/.test(amount) && Number(amount) > 0) return [];
  const message = `spec.funding.nativeAmount: ${JSON.stringify(amount)} is no amount of xDAI; it must be a number above 0, such as "0.01"`;
  return [{ reason: 'FundingInvalid', message }];
}
