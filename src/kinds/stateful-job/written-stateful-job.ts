/** For tests: a StatefulJob as a user writes it. */
import type { StatefulJob } from './schema.ts';

export function writtenStatefulJob(spec: Partial<StatefulJob['spec']> = {}, status: object = {}): StatefulJob {
  return {
    apiVersion: 'cosmos.strange.love/v1alpha1',
    kind: 'StatefulJob',
    metadata: { name: 'export', namespace: 'default', uid: 'uid-of-export', generation: 1 },
    spec: {
      selector: { chain: 'hub' },
      podTemplate: {
        spec: {
          containers: [{ name: 'read', image: 'busybox', volumeMounts: [{ name: 'snapshot', mountPath: '/data' }] }],
        },
      },
      volumeClaimTemplate: { storageClassName: 'fast' },
      ...spec,
    },
    status: { observedGeneration: 1, ...status },
  };
}
