/**
 * Why no throw-away node may be started after the pattern of a pod. Two nodes with one validator key sign two blocks of one height, which
 * costs the stake; so where a pod has anything to do with such a key, none is, even if the copy would not get it.
 */
import { FormatError } from '../../formats/format-error.ts';
import { parseToml } from '../../formats/toml.ts';
import type { ConfigMap, Container, Pod } from '../../kube/objects.ts';
import { DATA_VOLUME, homeOf, isPartOfNode } from './desired/trial-node.ts';

/** As it is called in settings, flags, variables, files and ports: priv_validator_laddr, SIMD_PRIV_VALIDATOR_KEY_FILE, privval. */
const VALIDATOR_KEY = /priv[_-]?val/i;
const OVERLAY_FILE = 'config-overlay.toml';

/** @param settings the ConfigMap of the node; its overlay lies over what the chain's own `init` makes */
export function whyMaySign({ metadata, spec }: Pod, settings: ConfigMap | undefined): string | undefined {
  const pod = `pod ${metadata.name}`;
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  const signer = containers.find((container) => VALIDATOR_KEY.test(JSON.stringify(withoutImage(container))));
  if (signer !== undefined) return `container ${signer.name} of ${pod} has to do with a validator key`;
  const volume = spec?.volumes?.find((candidate) => VALIDATOR_KEY.test(JSON.stringify(candidate)));
  if (volume !== undefined) return `volume ${volume.name} of ${pod} holds a validator key`;
  const home = spec === undefined ? undefined : homeOf(spec);
  if (home === undefined) return `${pod} has no container node with the volume ${DATA_VOLUME}`;
  const inHome = spec?.containers
    .filter(isPartOfNode)
    .flatMap(({ volumeMounts = [] }) => volumeMounts)
    .find(({ name, mountPath }) => name !== DATA_VOLUME && `${mountPath}/`.startsWith(`${home}/`));
  if (inHome !== undefined) return `${pod} mounts volume ${inHome.name} at ${inHome.mountPath}, where its keys may be`;
  return whySettingsSign(settings?.data?.[OVERLAY_FILE], `ConfigMap ${settings?.metadata.name ?? metadata.name}`);
}

function whySettingsSign(overlay: string | undefined, where: string): string | undefined {
  if (overlay === undefined) return `${where}, which has its settings, is not there`;
  try {
    const [setting] = Object.entries(parseToml(overlay, OVERLAY_FILE)).find(
      ([name, value]) => VALIDATOR_KEY.test(name) && value !== '',
    ) ?? [undefined];
    return setting === undefined ? undefined : `${where} sets ${setting}`;
  } catch (error) {
    if (error instanceof FormatError) return `${where}: ${error.message}`;
    throw error;
  }
}

/** A program or a registry may be called anything. */
function withoutImage({ image: _image, ...container }: Container): object {
  return container;
}
