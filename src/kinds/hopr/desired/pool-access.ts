/** What the funding job of a pool may do: read the identities (spec hopr §3.1). */
import type { Role, RoleBinding, ServiceAccount } from '../../../kube/objects.ts';
import type { HoprSettings } from '../../hopr-settings.ts';
import { IDENTITY_HOPRDS, type IdentityPool } from '../schema.ts';
import { childMetadata, commonLabels } from './metadata.ts';

const RBAC = 'rbac.authorization.k8s.io';

export function buildPoolAccess(
  pool: IdentityPool,
  settings: HoprSettings,
): { serviceAccount: ServiceAccount; role: Role; roleBinding: RoleBinding } {
  const { name } = pool.metadata;
  const metadata = () => childMetadata(pool, name, commonLabels(settings, name));
  return {
    serviceAccount: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata() },
    role: {
      apiVersion: `${RBAC}/v1`,
      kind: 'Role',
      metadata: metadata(),
      // The HOPR operator also gives rights to create and delete identities, from a time when jobs made them.
      rules: [{ apiGroups: [IDENTITY_HOPRDS.group], resources: [IDENTITY_HOPRDS.plural], verbs: ['get', 'list'] }],
    },
    roleBinding: {
      apiVersion: `${RBAC}/v1`,
      kind: 'RoleBinding',
      metadata: metadata(),
      roleRef: { apiGroup: RBAC, kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name }],
    },
  };
}
