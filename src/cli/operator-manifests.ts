/** The objects that run the operator inside a cluster, with the rights that the kinds need and no others. */
import { KINDS } from '../kinds/index.ts';
import type { PolicyRule } from '../kinds/kind.ts';
import type { Deployment, KubeObject } from '../kube/objects.ts';
import {
  apiVersionOf,
  CLUSTER_ROLE_BINDINGS,
  CLUSTER_ROLES,
  DEPLOYMENTS,
  NAMESPACES,
  type ResourceType,
  ROLE_BINDINGS,
  ROLES,
  SERVICE_ACCOUNTS,
} from '../kube/resource-types.ts';
import { COMMON_RULES, LEASE_RULES, mergeRules, rulesOfKind } from './operator-rules.ts';

export type OperatorInstall = {
  operatorNamespace: string;
  /** Image of the operator, which is also the image of what runs beside nodes. */
  image: string;
  /** Watch only these namespaces, which must exist; no cluster-wide right is asked for then. Default: all. */
  namespaces?: string[];
  /** Allow the operator to read and patch PersistentVolumes, in the whole cluster: for the recovery of damaged data. Default: no. */
  recoverVolumes?: boolean;
  /** Further arguments of `nodewright operator`. */
  extraArgs?: string[];
};

export type Manifest = { type: ResourceType; object: KubeObject };

/** Name of the Deployment, the ServiceAccount and the roles. */
export const OPERATOR_NAME = 'nodewright';
/** On every object of the installation, its pod included. */
export const OPERATOR_LABELS = {
  'app.kubernetes.io/name': 'nodewright',
  'app.kubernetes.io/component': 'operator',
};
const LEASES_ROLE_NAME = `${OPERATOR_NAME}-leases`;
const VOLUMES_ROLE_NAME = `${OPERATOR_NAME}-volumes`;
const HEALTH_PORT = 8080;
const USER_ID = 65532;

/**
 * Everything but the CRDs, in an order in which it can be applied. What the operator reads beyond these rights, the list of served APIs,
 * every account may read.
 */
export function operatorManifests(install: OperatorInstall): Manifest[] {
  const { operatorNamespace } = install;
  return [
    manifest(NAMESPACES, undefined, operatorNamespace, {
      labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
    }),
    manifest(SERVICE_ACCOUNTS, operatorNamespace, OPERATOR_NAME),
    ...grant(ROLES, ROLE_BINDINGS, operatorNamespace, LEASES_ROLE_NAME, [...LEASE_RULES], operatorNamespace),
    ...(install.namespaces === undefined
      ? grant(CLUSTER_ROLES, CLUSTER_ROLE_BINDINGS, undefined, OPERATOR_NAME, kindRules(), operatorNamespace)
      : install.namespaces.flatMap((namespace) =>
          grant(ROLES, ROLE_BINDINGS, namespace, OPERATOR_NAME, kindRules(), operatorNamespace),
        )),
    ...(install.recoverVolumes === true
      ? grant(CLUSTER_ROLES, CLUSTER_ROLE_BINDINGS, undefined, VOLUMES_ROLE_NAME, volumeRules(), operatorNamespace)
      : []),
    { type: DEPLOYMENTS, object: buildDeployment(install) },
  ];
}

function kindRules(): PolicyRule[] {
  return mergeRules([...KINDS.flatMap(rulesOfKind), ...COMMON_RULES]);
}

function volumeRules(): PolicyRule[] {
  return mergeRules(KINDS.flatMap((kind) => kind.volumeRules ?? []));
}

function grant(
  roleType: ResourceType,
  bindingType: ResourceType,
  namespace: string | undefined,
  name: string,
  rules: PolicyRule[],
  operatorNamespace: string,
): Manifest[] {
  return [
    manifest(roleType, namespace, name, {}, { rules }),
    manifest(
      bindingType,
      namespace,
      name,
      {},
      {
        roleRef: { apiGroup: roleType.group, kind: roleType.kind, name },
        subjects: [{ kind: SERVICE_ACCOUNTS.kind, namespace: operatorNamespace, name: OPERATOR_NAME }],
      },
    ),
  ];
}

function buildDeployment({ operatorNamespace, image, namespaces, extraArgs = [] }: OperatorInstall): Deployment {
  const probe = (path: string, periodSeconds: number) => ({ httpGet: { path, port: 'http' }, periodSeconds });
  return {
    apiVersion: apiVersionOf(DEPLOYMENTS),
    kind: DEPLOYMENTS.kind,
    metadata: { name: OPERATOR_NAME, namespace: operatorNamespace, labels: OPERATOR_LABELS },
    spec: {
      replicas: 1,
      selector: { matchLabels: OPERATOR_LABELS },
      template: {
        metadata: { labels: OPERATOR_LABELS },
        spec: {
          serviceAccountName: OPERATOR_NAME,
          enableServiceLinks: false,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: USER_ID,
            runAsGroup: USER_ID,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [
            {
              name: 'operator',
              image,
              imagePullPolicy: 'IfNotPresent',
              args: [
                'operator',
                `--agent-image=${image}`,
                ...(namespaces === undefined ? [] : [`--namespaces=${namespaces.join(',')}`]),
                ...extraArgs,
              ],
              ports: [{ name: 'http', containerPort: HEALTH_PORT }],
              readinessProbe: probe('/readyz', 1),
              livenessProbe: probe('/healthz', 10),
              resources: { requests: { cpu: '50m', memory: '96Mi' }, limits: { memory: '256Mi' } },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
            },
          ],
        },
      },
    },
  };
}

function manifest(
  type: ResourceType,
  namespace: string | undefined,
  name: string,
  metadata: { labels?: Record<string, string> } = {},
  rest: object = {},
): Manifest {
  return {
    type,
    object: {
      apiVersion: apiVersionOf(type),
      kind: type.kind,
      metadata: {
        name,
        ...(namespace === undefined ? {} : { namespace }),
        labels: { ...OPERATOR_LABELS, ...metadata.labels },
      },
      ...rest,
    },
  };
}
