/** mintnet's two further pods: one that shows the network, one that sends transactions. */
import { cometPorts } from '../../../formats/cometbft-config.ts';
import { DEPLOYMENTS, SERVICES } from '../../../kube/resource-types.ts';
import type { Desired } from '../../../reconcile/diff.ts';
import { LABEL_ROLE } from '../../../reconcile/labels.ts';
import { listMembers, type Member, objectNameOf } from '../members.ts';
import type { TendermintNetwork } from '../schema.ts';
import { childMetadata, podSelector } from './metadata.ts';
import { type PodImages, podSecurityContext, pullPolicy, RESTRICTED } from './pod.ts';

const MONITOR_PORT = 26670;
const DEFAULT_RATE = 10;
const DEFAULT_RESOURCES = { requests: { cpu: '10m', memory: '48Mi' } };

export function buildExtras(network: TendermintNetwork, images: PodImages): Desired[] {
  const { monitor, transacter } = network.spec;
  const members = listMembers(network);
  const url = (member: Member) => `http://${member.objectName}.${network.metadata.namespace}.svc:${cometPorts.rpc}`;
  return [
    ...(monitor === undefined
      ? []
      : [
          deployment(network, images, 'monitor', 'a page with the state of every node', monitor.resources, [
            'monitor',
            '--nodes',
            members.map((member) => `${member.name}=${url(member)}`).join(','),
          ]),
          monitorService(network),
        ]),
    ...(transacter === undefined
      ? []
      : [
          deployment(network, images, 'transacter', 'sends transactions', transacter.resources, [
            'transact',
            '--nodes',
            members.map(url).join(','),
            '--rate',
            String(transacter.rate ?? DEFAULT_RATE),
          ]),
        ]),
  ];
}

function deployment(
  network: TendermintNetwork,
  images: PodImages,
  role: 'monitor' | 'transacter',
  purpose: string,
  resources: object | undefined,
  command: string[],
): Desired {
  const metadata = childMetadata(network, objectNameOf(network, role), { role, owned: true });
  const { spec } = network;
  return {
    type: DEPLOYMENTS,
    write: 'apply',
    purpose,
    object: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 1,
        selector: { matchLabels: podSelector(network, { [LABEL_ROLE]: role }) },
        template: {
          metadata: {
            labels: metadata.labels,
            ...(metadata.annotations === undefined ? {} : { annotations: metadata.annotations }),
          },
          spec: {
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            securityContext: podSecurityContext(network),
            ...(spec.imagePullSecrets === undefined ? {} : { imagePullSecrets: spec.imagePullSecrets }),
            ...(spec.scheduling?.nodeSelector === undefined ? {} : { nodeSelector: spec.scheduling.nodeSelector }),
            ...(spec.scheduling?.tolerations === undefined ? {} : { tolerations: spec.scheduling.tolerations }),
            containers: [
              {
                name: role,
                image: images.agent,
                imagePullPolicy: pullPolicy(network),
                command: ['nodewright-agent', ...command],
                ...(role === 'monitor'
                  ? { ports: [{ name: 'http', containerPort: MONITOR_PORT, protocol: 'TCP' }] }
                  : {}),
                resources: resources ?? DEFAULT_RESOURCES,
                securityContext: RESTRICTED,
              },
            ],
          },
        },
      },
    } as Desired['object'],
  };
}

function monitorService(network: TendermintNetwork): Desired {
  return {
    type: SERVICES,
    write: 'apply',
    purpose: 'address of the monitor',
    object: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: childMetadata(network, objectNameOf(network, 'monitor'), { role: 'monitor', owned: true }),
      spec: {
        type: 'ClusterIP',
        selector: podSelector(network, { [LABEL_ROLE]: 'monitor' }),
        ports: [{ name: 'http', port: MONITOR_PORT, targetPort: 'http', protocol: 'TCP' }],
      },
    } as Desired['object'],
  };
}
