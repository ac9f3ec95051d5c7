/** Images of containers by name, put in after everything else (spec cosmos §2.8, §1.1.5). */
import type { Container, PodSpec } from '../../../kube/objects.ts';
import type { CosmosFullNode } from '../schema.ts';
import { effectiveVersion } from '../versions.ts';
import { CHAIN_INIT, NODE } from './node-container.ts';

/** The version that is due at `height`: its image for the node and its init, then those of the containers that it names. */
export function withVersionImages(fullNode: CosmosFullNode, height: number, spec: PodSpec): PodSpec {
  const version = effectiveVersion(fullNode, height);
  if (version === undefined) return spec;
  return withImages(withChainImage(version.image, spec), version);
}

export function withChainImage(image: string, spec: PodSpec): PodSpec {
  return withImages(spec, { containers: { [NODE]: image }, initContainers: { [CHAIN_INIT]: image } });
}

type Images = { containers?: Record<string, string> | undefined; initContainers?: Record<string, string> | undefined };

function withImages(spec: PodSpec, { containers = {}, initContainers = {} }: Images): PodSpec {
  return {
    ...spec,
    containers: replaceImages(spec.containers, containers),
    ...(spec.initContainers === undefined
      ? {}
      : { initContainers: replaceImages(spec.initContainers, initContainers) }),
  };
}

function replaceImages(containers: Container[], images: Record<string, string>): Container[] {
  return containers.map((container) => {
    const image = Object.hasOwn(images, container.name) ? images[container.name] : undefined;
    return image === undefined ? container : { ...container, image };
  });
}
