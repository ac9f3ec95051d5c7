/**
 * What the user asked for of a pod (design, "Writing": the first stamp), in parts that a person can name. Only a difference here restarts
 * a node. What the operator makes of it is rendered: list of in-cluster peers, helper containers, scripts.
 */
import { ANNOTATION_RESTARTED_AT } from '../../reconcile/labels.ts';
import type { Instance } from './instances.ts';
import type { CosmosFullNode, Version } from './schema.ts';
import { effectiveVersion, haltHeight } from './versions.ts';

/** How a person calls what they changed. */
export const ASKED_PARTS: Record<string, string> = {
  image: 'its image changed',
  version: 'images in spec.chain.versions changed',
  command: 'arguments of the node in spec.chain changed',
  config: 'spec.chain.config changed',
  app: 'spec.chain.app changed',
  haltHeight: 'the halt height changed',
  sources: 'where genesis, address book or snapshot come from changed',
  pod: 'spec.podTemplate changed',
  instance: 'its spec.instanceOverrides changed',
  externalAddress: 'its external address changed',
  serviceAccount: 'spec.serviceAccountName changed',
  restartedAt: 'a restart was asked for',
};

/**
 * What matters only until a node has its data: a pod that already runs its node is not restarted for it.
 */
export const FIRST_START_PARTS: ReadonlySet<string> = new Set(['sources']);

/** @param externalAddress that the node is to announce, where a load balancer gave it one */
export function askedOf(
  fullNode: CosmosFullNode,
  instance: Instance,
  height: number,
  externalAddress: string | undefined,
): Record<string, unknown> {
  const { spec, metadata } = fullNode;
  const { chain, podTemplate } = spec;
  const { image, metadata: _metadata, ...template } = podTemplate;
  const version = effectiveVersion(fullNode, height);
  const override = instance.override;
  const own = { nodeSelector: override?.nodeSelector, externalAddress: override?.externalAddress };
  return {
    image: override?.image ?? version?.image ?? image,
    version: hasImages(version)
      ? { containers: version?.containers, initContainers: version?.initContainers }
      : undefined,
    command: {
      type: spec.type,
      chainID: chain.chainID,
      binary: chain.binary,
      homeDir: chain.homeDir,
      skipInvariants: chain.skipInvariants,
      logLevel: chain.logLevel,
      logFormat: chain.logFormat,
      privvalSleepSeconds: chain.privvalSleepSeconds,
      additionalInitArgs: chain.additionalInitArgs,
      additionalStartArgs: chain.additionalStartArgs,
    },
    config: chain.config,
    app: chain.app === undefined ? undefined : { ...chain.app, haltHeight: undefined },
    // 0 is what a node does without.
    haltHeight: haltHeight(fullNode, height) || undefined,
    sources: {
      genesisURL: chain.genesisURL,
      genesisSHA256: chain.genesisSHA256,
      genesisScript: chain.genesisScript,
      addrbookURL: chain.addrbookURL,
      addrbookScript: chain.addrbookScript,
      snapshotURL: chain.snapshotURL,
      snapshotSHA256: chain.snapshotSHA256,
      snapshotScript: chain.snapshotScript,
    },
    pod: template,
    instance: Object.values(own).every((value) => value === undefined) ? undefined : own,
    externalAddress: override?.externalAddress === undefined ? externalAddress : undefined,
    serviceAccount: spec.serviceAccountName,
    restartedAt: metadata.annotations?.[ANNOTATION_RESTARTED_AT],
  };
}

function hasImages(version: Version | undefined): boolean {
  return [version?.containers, version?.initContainers].some((images) => Object.keys(images ?? {}).length > 0);
}
