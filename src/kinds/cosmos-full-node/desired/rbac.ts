/** What the version check of the instances may do: read its own resource, and report heights in that resource's status. */
import type { Role, RoleBinding, ServiceAccount } from '../../../kube/objects.ts';
import { toName } from '../names.ts';
import { COSMOS_FULL_NODES, type CosmosFullNode } from '../schema.ts';
import { childMetadata, LABEL_COMPONENT } from './metadata.ts';

/** Undefined where the user brings a service account; its rights are then the user's to give. */
export function buildRbac(
  fullNode: CosmosFullNode,
): { serviceAccount: ServiceAccount; role: Role; roleBinding: RoleBinding } | undefined {
  if (fullNode.spec.serviceAccountName) return undefined;
  const { group, plural } = COSMOS_FULL_NODES;
  const { name } = fullNode.metadata;
  const metadata = (suffix: string) =>
    childMetadata(fullNode, { name: toName(`${name}-${suffix}`), ordinal: 0, labels: { [LABEL_COMPONENT]: 'vc' } });
  const serviceAccount = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata('vc-sa') };
  const role = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: metadata('vc-r'),
    rules: [
      { apiGroups: [group], resources: [plural], resourceNames: [name], verbs: ['get'] },
      { apiGroups: [group], resources: [`${plural}/status`], resourceNames: [name], verbs: ['patch'] },
    ],
  };
  const { namespace } = serviceAccount.metadata;
  return {
    serviceAccount,
    role,
    roleBinding: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: metadata('vc-rb'),
      subjects: [
        {
          kind: 'ServiceAccount',
          name: serviceAccount.metadata.name,
          ...(namespace === undefined ? {} : { namespace }),
        },
      ],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: role.metadata.name },
    },
  };
}

/** The service account that the pods of the instances run under. */
export function serviceAccountNameOf({ metadata, spec }: CosmosFullNode): string {
  return spec.serviceAccountName || toName(`${metadata.name}-vc-sa`);
}
