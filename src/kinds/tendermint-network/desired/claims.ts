/** Claims: the data of each node and, where the application asks for it, a volume of its own. They belong to no owner. */
import type { PersistentVolumeClaim } from '../../../kube/objects.ts';
import { PERSISTENT_VOLUME_CLAIMS } from '../../../kube/resource-types.ts';
import type { Change } from '../../../reconcile/change.ts';
import type { Desired } from '../../../reconcile/diff.ts';
import { compareQuantities } from '../../../reconcile/quantity.ts';
import type { Problem } from '../../problem.ts';
import type { Identity } from '../identities.ts';
import { appClaimName, type Member } from '../members.ts';
import { ANNOTATION_VALIDATOR } from '../reservation.ts';
import type { TendermintNetwork } from '../schema.ts';
import { ANNOTATION_GENESIS } from './genesis.ts';
import { childMetadata } from './metadata.ts';

const DEFAULT_SIZE = '2Gi';

/** @param genesisHash of the genesis that the node begins with, where it is known */
export function buildClaims(
  network: TendermintNetwork,
  identity: Identity,
  genesisHash: string | undefined,
): Desired[] {
  const { member, validator } = identity;
  const { storage, app } = network.spec;
  const annotations = {
    ...(validator === undefined ? {} : { [ANNOTATION_VALIDATOR]: validator.address }),
    ...(genesisHash === undefined ? {} : { [ANNOTATION_GENESIS]: genesisHash }),
  };
  const data = claim(
    network,
    member,
    member.objectName,
    storage?.size ?? DEFAULT_SIZE,
    annotations,
    `data of node ${member.name}`,
  );
  if (app?.storage === undefined) return [data];
  const name = appClaimName(member);
  return [data, claim(network, member, name, app.storage.size, {}, `data of the application of node ${member.name}`)];
}

/** Growth of an existing claim, or why it cannot be as small as the spec says. */
export function resizeClaim(desired: Desired, live: PersistentVolumeClaim | undefined): Change | Problem | undefined {
  const wanted = sizeOf(desired.object as PersistentVolumeClaim);
  const found = live && sizeOf(live);
  if (live === undefined || wanted === undefined || found === undefined) return undefined;
  const order = compareQuantities(wanted, found) ?? 0;
  if (order === 0) return undefined;
  const name = live.metadata.name;
  if (order < 0) {
    return {
      reason: 'StorageShrinks',
      message: `claim ${name} has ${found}, and the spec asks for ${wanted}: a volume cannot shrink; set the size to ${found} or more`,
    };
  }
  return {
    verb: 'patch',
    type: PERSISTENT_VOLUME_CLAIMS,
    key: { namespace: live.metadata.namespace, name },
    why: `size ${found} → ${wanted}`,
    patch: { metadata: { uid: live.metadata.uid }, spec: { resources: { requests: { storage: wanted } } } },
  };
}

function sizeOf(claimObject: PersistentVolumeClaim): string | undefined {
  return claimObject.spec?.resources?.requests?.storage;
}

function claim(
  network: TendermintNetwork,
  member: Member,
  name: string,
  size: string,
  annotations: Record<string, string>,
  purpose: string,
): Desired {
  const { storage } = network.spec;
  return {
    type: PERSISTENT_VOLUME_CLAIMS,
    write: 'create',
    purpose,
    object: {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: childMetadata(network, name, { role: member.role, node: member.name, owned: false, annotations }),
      spec: {
        accessModes: [storage?.accessMode ?? 'ReadWriteOnce'],
        ...(storage?.storageClassName === undefined ? {} : { storageClassName: storage.storageClassName }),
        resources: { requests: { storage: size } },
      },
    } as Desired['object'],
  };
}
