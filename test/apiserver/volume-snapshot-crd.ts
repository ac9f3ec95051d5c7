/** The API of VolumeSnapshots, as far as it is needed where no snapshot controller runs. */
import type { Kube } from '../../src/kube/kube.ts';
import type { CustomResourceDefinition } from '../../src/kube/objects.ts';
import { CUSTOM_RESOURCE_DEFINITIONS, VOLUME_SNAPSHOTS } from '../../src/kube/resource-types.ts';

export async function installVolumeSnapshots(kube: Kube): Promise<void> {
  const { group, kind, plural, version: name } = VOLUME_SNAPSHOTS;
  const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  await kube.create<CustomResourceDefinition>(CUSTOM_RESOURCE_DEFINITIONS, {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, annotations: { 'api-approved.kubernetes.io': 'unapproved, for tests' } },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural },
      versions: [
        {
          ...{ name, served: true, storage: true, subresources: { status: {} } },
          schema: { openAPIV3Schema: { type: 'object', properties: { spec: anything, status: anything } } },
        },
      ],
    } as unknown as CustomResourceDefinition['spec'],
  });
  while (!(await kube.discover(`${group}/${name}`))?.some((served) => served.kind === kind))
    await new Promise((resolve) => setTimeout(resolve, 50));
}
