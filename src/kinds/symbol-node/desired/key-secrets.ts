/** Secrets with keys of our making: created once, never overwritten, and kept like the volume; the main account's in any case. */
import { renderPrivateKeyPem } from '../../../formats/symbol-keys.ts';
import type { Secret } from '../../../kube/objects.ts';
import { SECRETS } from '../../../kube/resource-types.ts';
import type { Desired } from '../../../reconcile/diff.ts';
import { CA_KEY_FILE, HARVESTER_FILES, type Identity, toData } from '../identities.ts';
import type { Observed } from '../observe.ts';
import type { SymbolNode } from '../schema.ts';
import { childMetadata } from './metadata.ts';

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
