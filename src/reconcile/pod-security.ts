/**
 * What the profile "restricted" of Kubernetes' Pod Security Standards asks of a pod, added where nobody has said otherwise. What a user says
 * stays, even where the profile does not allow it: then the API server tells. Pure.
 */
import type { Container, PodSpec } from '../kube/objects.ts';

/** `Original`: pods of adopted kinds are as the operators that they come from made them. */
export type PodSecurity = 'Original' | 'Restricted';

/** The spec with what it lacks; as it is where pods stay as the originals made them. */
export function securePod<T extends Partial<PodSpec>>(spec: T, podSecurity: PodSecurity | undefined): T {
  if (podSecurity !== 'Restricted') return spec;
  const { securityContext, initContainers, containers } = spec;
  return {
    ...spec,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' }, ...securityContext },
    ...(initContainers === undefined ? {} : { initContainers: initContainers.map(secureContainer) }),
    ...(containers === undefined ? {} : { containers: containers.map(secureContainer) }),
  };
}

function secureContainer(container: Container): Container {
  const { securityContext = {} } = container;
  // A privileged container may do everything, and the API server takes no half of it.
  if (securityContext.privileged === true) return container;
  const { drop = [], ...capabilities } = securityContext.capabilities ?? {};
  return {
    ...container,
    securityContext: {
      allowPrivilegeEscalation: false,
      ...securityContext,
      capabilities: { ...capabilities, drop: drop.includes('ALL') ? drop : ['ALL', ...drop] },
    },
  };
}
