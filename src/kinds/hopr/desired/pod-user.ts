/** Under which user pods run that may not run as root: HOPR's images say none, and its resources have no field for one. */
import type { PodSpec } from '../../../kube/objects.ts';
import { type PodSecurity, securePod } from '../../../reconcile/pod-security.ts';

/** Any that is not root; the group is given the volumes. */
const USER = 1000;

/** The spec as the profile restricted wants it; as it is where pods stay as the HOPR operator made them. */
export function secureHoprPod<T extends Partial<PodSpec>>(spec: T, podSecurity: PodSecurity | undefined): T {
  if (podSecurity !== 'Restricted') return spec;
  const user = { runAsUser: USER, runAsGroup: USER, fsGroup: USER, fsGroupChangePolicy: 'OnRootMismatch' };
  return securePod({ ...spec, securityContext: { ...user, ...spec.securityContext } }, podSecurity);
}
