/** What `nodewright doctor` says: one sentence about one thing, and what to do about it. */
import { isForbidden } from '../../kube/api-error.ts';

/** In the order in which they are told. */
export const CHECKS = [
  'cluster',
  'crds',
  'operator',
  'rights',
  'storage',
  'snapshots',
  'optional-apis',
  'webhooks',
  'pod-admission',
  'hopr',
  'resources',
] as const;
export type CheckName = (typeof CHECKS)[number];

/** `error`: something does not work. `warning`: it will not some day, or not as meant. `unknown`: it could not be looked at. */
export type Level = 'ok' | 'info' | 'warning' | 'error' | 'unknown';

export type Finding = {
  check: CheckName;
  level: Level;
  /** What it is about, such as `Deployment nodewright-system/nodewright`. */
  subject?: string;
  message: string;
  /** What to do about it; every warning and error has it. */
  fix?: string;
};

export type Check = () => Promise<Finding[]>;

/** The findings of a check; a right that is missing for it is a finding too, and any other failure an error. */
export async function runCheck(check: CheckName, work: Check): Promise<Finding[]> {
  try {
    return await work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!isForbidden(error)) return [{ check, level: 'error', message, fix: 'look at the message, and try again' }];
    return [unknown(check, message)];
  }
}

/** @param refusal as the API server says it: it names the right */
export function unknown(check: CheckName, refusal: string): Finding {
  return {
    ...{ check, level: 'unknown' as const, message: `not looked at: ${refusal}` },
    fix: 'run the doctor with an account that has this right',
  };
}

/** `a, b, c and 4 more`. */
export function listSome(names: readonly string[], most = 5): string {
  const more = names.length - most;
  return more > 0 ? `${names.slice(0, most).join(', ')} and ${more} more` : names.join(', ');
}
