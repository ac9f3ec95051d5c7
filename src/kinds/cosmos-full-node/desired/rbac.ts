/** What the version check of the instances may do: read its own resource, and report heights in that resource's status. */
import type { Role, RoleBinding, ServiceAccount } from '../../../kube/objects.ts';
import { toName } from '../names.ts';
import { COSMOS_FULL_NODES, type CosmosFullNode } from '../schema.ts';
import { childMetadata, LABEL_COMPONENT } from './metadata.ts';

type Rbac = {
  /** Undefined where the user brings one. */
  serviceAccount: ServiceAccount | undefined;
  role: Role;
  roleBinding: RoleBinding;
};

export function buildRbac(fullNode: CosmosFullNode): Rbac {
  const { group, plural } = COSMOS_FULL_NODES;
  const { name } = fullNode.metadata;
  const metadata = (suffix: string) =>
    childMetadata(fullNode, { name: toName(`${name}-${suffix}`), ordinal: 0, labels: { [LABEL_COMPONENT]: 'vc' } });
  const role = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: metadata('vc-r'),
    rules: [
      { apiGroups: [group], resources: [plural], resourceNames: [name], verbs: ['get'] },
      { apiGroups: [group], resources: [`${plural}/status`], resourceNames: [name], verbs: ['patch'] },
    ],
  };
  const { namespace } = fullNode.metadata;
  return {
    serviceAccount: fullNode.spec.serviceAccountName
      ? undefined
      : { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata('vc-sa') },
    role,
    roleBinding: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: metadata('vc-rb'),
      subjects: [
        {
          kind: 'ServiceAccount',
          name: serviceAccountNameOf(fullNode),
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
