/** Secrets with keys of our making: created once, changed only when they are renewed, and kept like the volume; the main account's in any case. */
import { renderPrivateKeyPem } from '../../../formats/symbol-keys.ts';
import { keyOf, type Secret } from '../../../kube/objects.ts';
import { SECRETS } from '../../../kube/resource-types.ts';
import type { Change } from '../../../reconcile/change.ts';
import type { Desired } from '../../../reconcile/diff.ts';
import { CA_KEY_FILE, HARVESTER_FILES, type Identity, toData } from '../identities.ts';
import type { Observed } from '../observe.ts';
import type { SymbolNode } from '../schema.ts';
import { childMetadata } from './metadata.ts';

/** On a Secret: the id of the request that was met last. */
export const ANNOTATION_REQUEST = 'nodewright.dev/request';

type Files = Readonly<Record<string, string | Uint8Array>>;

/** As far as they are new. */
export function buildKeySecrets(resource: SymbolNode, observed: Observed, { ca, harvester }: Identity): Desired[] {
  const { names, settings } = observed;
  const desired: Desired[] = [];
  if (ca?.isNew === true) {
    const object = buildSecret(resource, observed, names.caKey, { [CA_KEY_FILE]: renderPrivateKeyPem(ca.pair) }, false);
    desired.push({
      type: SECRETS,
      write: 'create',
      object,
      purpose: 'the key of the main account, which is always kept',
    });
  }
  if (harvester?.isNew === true) {
    const files = {
      [HARVESTER_FILES.remote]: renderPrivateKeyPem(harvester.remote),
      [HARVESTER_FILES.vrf]: renderPrivateKeyPem(harvester.vrf),
    };
    const object = buildSecret(resource, observed, names.harvesterKeys, files, !settings.retain);
    desired.push({ type: SECRETS, write: 'create', object, purpose: 'the keys by which the node harvests' });
  }
  return desired;
}

export function buildSecret(
  resource: SymbolNode,
  { names }: Pick<Observed, 'names'>,
  name: string,
  files: Files,
  owned: boolean,
  annotations: Record<string, string> = {},
): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: childMetadata(resource, name, { node: names.node, component: 'keys', owned, annotations }),
    type: 'Opaque',
    data: toData(files),
  };
}

/**
 * Puts renewed keys into a Secret as it was read, and nowhere else.
 *
 * @param data in base64; null removes a file
 * @param requestId of the request that asked for it
 */
export function patchKeySecret(
  live: Secret,
  data: Record<string, string | null>,
  why: string,
  requestId: string | undefined,
): Change {
  const { uid, resourceVersion } = live.metadata;
  const annotations = requestId === undefined ? {} : { annotations: { [ANNOTATION_REQUEST]: requestId } };
  return {
    verb: 'patch',
    type: SECRETS,
    key: keyOf(live),
    why,
    patch: { apiVersion: 'v1', kind: 'Secret', metadata: { uid, resourceVersion, ...annotations }, data },
  };
}
