/** The volume of an identity: the database of whichever node uses it (spec hopr §3.2). */
import type { PersistentVolumeClaim } from '../../../kube/objects.ts';
import type { HoprSettings } from '../../hopr-settings.ts';
import type { IdentityHoprd } from '../schema.ts';
import { childMetadata, commonLabels } from './metadata.ts';

export function buildClaim(identity: IdentityHoprd, settings: HoprSettings): PersistentVolumeClaim {
  const { name } = identity.metadata;
  const { size, storageClassName } = settings.persistence;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: childMetadata(identity, name, commonLabels(settings, name)),
    spec: { accessModes: ['ReadWriteOnce'], storageClassName, resources: { requests: { storage: size } } },
  };
}
