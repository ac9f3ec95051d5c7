/** The pod of an instance (spec cosmos §2.7): what the operator makes, the user's pod template merged onto it, then the images by height. */
import type { Container, Pod, PodSpec } from '../../../kube/objects.ts';
import { type PodSecurity, securePod } from '../../../reconcile/pod-security.ts';
import { mergePodSpec } from '../../../reconcile/strategic-merge.ts';
import type { Instance } from '../instances.ts';
import { toHostname, toLabelValue } from '../names.ts';
import type { CosmosFullNode } from '../schema.ts';
import { buildVolumes } from './chain-home.ts';
import { withChainImage, withVersionImages } from './container-images.ts';
import {
  buildHealthcheck,
  buildInitContainers,
  buildVersionCheckInterval,
  withCheckedImage,
} from './helper-containers.ts';
import { adaptHelperPatch } from './helper-patches.ts';
import { childMetadata, LABEL_INSTANCE } from './metadata.ts';
import { buildChainInit, buildNodeContainer } from './node-container.ts';
import { serviceAccountNameOf } from './rbac.ts';

const OPERATOR_ID = 1025;
const GRACE_SECONDS = 30;

export type PodInput = {
  /** Of the helper containers. */
  agentImage: string;
  /** The block in consensus, 0 when it is not known; versions follow it. */
  height: number;
  podSecurity?: PodSecurity;
};

export function buildPod(
  fullNode: CosmosFullNode,
  instance: Instance,
  { agentImage, height, podSecurity }: PodInput,
): Pod {
  const { name, override, ordinal } = instance;
  const merged = mergePodSpec(operatorSpec(fullNode, instance, agentImage), templateSpec(fullNode));
  const versioned = withVersionImages(fullNode, height, merged);
  const spec = withCheckedImage(override?.image ? withChainImage(override.image, versioned) : versioned);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: childMetadata(fullNode, {
      name,
      ordinal,
      labels: { [LABEL_INSTANCE]: toLabelValue(name) },
      template: fullNode.spec.podTemplate.metadata,
    }),
    spec: securePod(
      withResources({ ...spec, ...(override?.nodeSelector ? { nodeSelector: override.nodeSelector } : {}) }),
      podSecurity,
    ),
  };
}

/** As the Cosmos Operator writes containers: with `resources`, even where there are none. */
export function withResources(spec: PodSpec): PodSpec {
  const complete = (container: Container): Container => ({ ...container, resources: container.resources ?? {} });
  return {
    ...spec,
    containers: spec.containers.map(complete),
    ...(spec.initContainers === undefined ? {} : { initContainers: spec.initContainers.map(complete) }),
  };
}

function operatorSpec(fullNode: CosmosFullNode, instance: Instance, agentImage: string): PodSpec {
  const { imagePullPolicy } = fullNode.spec.podTemplate;
  const pulled = (container: Container): Container => (imagePullPolicy ? { ...container, imagePullPolicy } : container);
  return {
    hostname: toHostname(instance.name),
    subdomain: toHostname(fullNode.metadata.name),
    serviceAccountName: serviceAccountNameOf(fullNode),
    terminationGracePeriodSeconds: GRACE_SECONDS,
    securityContext: {
      runAsUser: OPERATOR_ID,
      runAsGroup: OPERATOR_ID,
      runAsNonRoot: true,
      fsGroup: OPERATOR_ID,
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    },
    volumes: buildVolumes(instance),
    initContainers: buildInitContainers(fullNode, instance.name, agentImage, buildChainInit(fullNode, instance)).map(
      pulled,
    ),
    containers: [
      buildNodeContainer(fullNode),
      buildHealthcheck(fullNode, agentImage),
      ...buildVersionCheckInterval(fullNode, instance.name, agentImage),
    ].map(pulled),
  };
}

/** The members of the pod template that are merged; the others have gone into the containers already. */
function templateSpec({ spec }: CosmosFullNode): Partial<PodSpec> {
  const template = spec.podTemplate;
  return {
    affinity: template.affinity,
    containers: template.containers?.map(adaptHelperPatch),
    imagePullSecrets: template.imagePullSecrets,
    initContainers: template.initContainers?.map(adaptHelperPatch),
    nodeSelector: template.nodeSelector,
    priority: template.priority,
    priorityClassName: template.priorityClassName,
    terminationGracePeriodSeconds: template.terminationGracePeriodSeconds,
    tolerations: template.tolerations,
    volumes: template.volumes,
  } as Partial<PodSpec>;
}
