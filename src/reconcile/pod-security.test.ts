import { describe, expect, test } from 'vitest';
import type { Container, PodSpec } from '../kube/objects.ts';
import { securePod } from './pod-security.ts';

const container = (securityContext?: Container['securityContext']): Container => ({
  name: 'node',
  ...(securityContext === undefined ? {} : { securityContext }),
});
const secured = (securityContext?: Container['securityContext']) =>
  securePod<PodSpec>({ containers: [container(securityContext)] }, 'Restricted').containers[0]?.securityContext;

describe('securePod', () => {
  test.each(['Original', undefined] as const)('%s leaves a pod as it is', (podSecurity) => {
    const spec: PodSpec = { containers: [container()] };
    expect(securePod(spec, podSecurity)).toBe(spec);
  });

  test('adds what is missing to the pod and to all of its containers', () => {
    const spec: PodSpec = {
      securityContext: { runAsUser: 1025, fsGroup: 1025 },
      initContainers: [container({})],
      containers: [container()],
    };
    const ofContainer = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
    expect(securePod(spec, 'Restricted')).toEqual({
      securityContext: {
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
        runAsUser: 1025,
        fsGroup: 1025,
      },
      initContainers: [container(ofContainer)],
      containers: [container(ofContainer)],
    });
  });

  test.each<[string, Container['securityContext'], Container['securityContext']]>([
    ['a privileged container', { privileged: true }, { privileged: true }],
    [
      'escalation',
      { allowPrivilegeEscalation: true },
      { allowPrivilegeEscalation: true, capabilities: { drop: ['ALL'] } },
    ],
    [
      'capabilities',
      { capabilities: { add: ['NET_BIND_SERVICE'], drop: ['KILL'] } },
      { allowPrivilegeEscalation: false, capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL', 'KILL'] } },
    ],
  ])('what the user says stays: %s', (_, given, expected) => {
    expect(secured(given)).toEqual(expected);
  });

  test('what the user says of the pod stays', () => {
    const securityContext = { runAsNonRoot: false, seccompProfile: { type: 'Unconfined' } };
    const spec = securePod<PodSpec>({ securityContext, containers: [] }, 'Restricted');
    expect(spec.securityContext).toEqual(securityContext);
  });

  test('is done once and for all', () => {
    const once = securePod<PodSpec>({ containers: [container()] }, 'Restricted');
    expect(securePod(once, 'Restricted')).toEqual(once);
  });
});
