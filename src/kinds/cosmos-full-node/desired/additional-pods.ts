/**
 * Further pods of an instance, from `spec.additionalVersionedPods` (spec cosmos §2.9): the user's specs as they are, with the images that
 * the instance's height asks for. They have overrides of their own, by their own names.
 */
import type { Affinity, Pod, PodSpec } from '../../../kube/objects.ts';
import type { Instance } from '../instances.ts';
import { toLabelValue, toName } from '../names.ts';
import type { AdditionalPod, CosmosFullNode } from '../schema.ts';
import { withVersionImages } from './container-images.ts';
import { appLabel, childMetadata, LABEL_APP, LABEL_INSTANCE } from './metadata.ts';
import { withResources } from './pod.ts';

const LABEL_BELONGS_TO = 'cosmos.strange.love/belongs-to';
/** Behind those of the instances, with room for a hundred pods of each. */
const FIRST_ORDINAL = 1000;

/** @param height of the instance: the block in consensus, 0 when it is not known */
export function buildAdditionalPods(
  fullNode: CosmosFullNode,
  instance: Instance,
  { height }: { height: number },
): Pod[] {
  return (fullNode.spec.additionalVersionedPods ?? []).flatMap((template, position) => {
    const name = toName(`${template.name}-${instance.ordinal}`);
    const override = fullNode.spec.instanceOverrides?.[name];
    if (override?.disable !== undefined) return [];
    const spec = withVersionImages(fullNode, height, buildSpec(template, instance));
    const [first, ...others] = spec.containers;
    const containers = override?.image && first ? [{ ...first, image: override.image }, ...others] : spec.containers;
    return [
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: childMetadata(fullNode, {
          name,
          ordinal: FIRST_ORDINAL + instance.ordinal * 100 + position,
          labels: {
            // Another name than the instances have: the RPC Service must not lead here.
            [LABEL_APP]: toLabelValue(`${appLabel(fullNode)}-${template.name}`),
            [LABEL_INSTANCE]: toLabelValue(name),
            [LABEL_BELONGS_TO]: toLabelValue(instance.name),
          },
          template: template.metadata,
        }),
        spec: withResources({ ...spec, containers }),
      },
    ];
  });
}

function buildSpec(template: AdditionalPod, instance: Instance): PodSpec {
  const { name: _name, metadata: _metadata, preferSameNode, ...spec } = template;
  return preferSameNode ? { ...spec, affinity: besideInstance(instance) } : spec;
}

function besideInstance({ name }: Instance): Affinity {
  return {
    podAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 100,
          podAffinityTerm: {
            labelSelector: { matchLabels: { [LABEL_INSTANCE]: toLabelValue(name) } },
            topologyKey: 'kubernetes.io/hostname',
          },
        },
      ],
    },
  };
}
