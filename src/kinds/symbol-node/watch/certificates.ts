/** How long a node's certificates are good for. They are renewed elsewhere; this says what a person should know. */
import type { Certificates } from '../../../formats/symbol-certificates.ts';
import { toWireTime } from '../../../reconcile/conditions.ts';
import type { Reason } from '../../../reconcile/reasons.ts';
import type { Finding, Judgement } from './finding.ts';

const DAY_MS = 86_400_000;

export type CertificatePolicy = { renewBeforeDays: number; autoRenew: boolean };

/**
 * @param certificates undefined: none that are of use, for the reason in `problem`
 * @param problem why they cannot be made, read or renewed
 */
export function judgeCertificates(
  certificates: Pick<Certificates, 'caNotAfter' | 'nodeNotAfter'> | undefined,
  problem: { reason: Reason; message: string } | undefined,
  { renewBeforeDays, autoRenew }: CertificatePolicy,
  now: Date,
): Judgement {
  const say = (status: 'True' | 'False' | 'Unknown', reason: Reason, message: string): Judgement => ({
    condition: { type: 'CertificateValid', status, reason, message },
  });
  if (certificates === undefined) {
    if (problem === undefined) return say('Unknown', 'NotMade', 'the certificates are not made yet');
    return { ...say('False', problem.reason, problem.message), finding: critical(problem.reason, problem.message) };
  }
  const [first, end] = firstEnd(certificates);
  const left = end.getTime() - now.getTime();
  const why = problem === undefined ? '' : `: ${problem.message}`;
  if (left <= 0) {
    const message = `the ${first} certificate ended at ${toWireTime(end)}, and no other node talks to this one${why}`;
    return { ...say('False', 'Expired', message), finding: critical('CertificateExpired', message) };
  }
  if (problem !== undefined)
    return { ...say('False', problem.reason, problem.message), finding: critical(problem.reason, problem.message) };
  const message = `the ${first} certificate ends at ${toWireTime(end)}, in ${Math.floor(left / DAY_MS)} days`;
  if (left >= renewBeforeDays * DAY_MS) return say('True', 'Valid', message);
  if (autoRenew) return say('True', 'Renewing', `${message}; it is being renewed`);
  const todo = `${message}: ask for new ones with spec.requests.renewCertificates`;
  return {
    ...say('True', 'ExpiresSoon', todo),
    finding: { name: 'CertificateExpiresSoon' satisfies Reason, severity: 'warning', message: todo },
  };
}

/** Which of them ends first, and when. */
export function firstEnd({
  caNotAfter,
  nodeNotAfter,
}: Pick<Certificates, 'caNotAfter' | 'nodeNotAfter'>): ['CA' | 'node', Date] {
  return caNotAfter < nodeNotAfter ? ['CA', caNotAfter] : ['node', nodeNotAfter];
}

function critical(name: Reason, message: string): Finding {
  return { name, severity: 'critical', message };
}
