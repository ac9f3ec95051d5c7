/** The application beside the node, over a Unix socket or 127.0.0.1, with whatever further containers it brings (mintnet's `data`). */
import { appClaimName, type Member } from '../members.ts';
import type { TendermintNetwork } from '../schema.ts';
import { abciAddress } from './config.ts';

export const SOCKS_VOLUME = 'socks';
const DEFAULT_MOUNT = '/app';

/** A container of the spec: what is not typed there passes through, of which these two are added to. */
type OpenContainer = { name: string; env?: object[] | undefined; securityContext?: object; volumeMounts?: object[] };

/** Of the container that serves the node; undefined where the application is inside of the node's own process. */
export function appContainerName({ spec: { app } }: TendermintNetwork): string | undefined {
  return app?.container && (app.container.name ?? 'app');
}

export function appContainers(network: TendermintNetwork, member: Member) {
  const { app, imagePullPolicy } = network.spec;
  if (app?.container === undefined) return [];
  const containers: OpenContainer[] = [
    { ...app.container, name: appContainerName(network) as string },
    ...named(app.containers ?? []),
  ];
  return containers.map((container) => ({
    imagePullPolicy: imagePullPolicy ?? 'IfNotPresent',
    ...container,
    env: [
      { name: 'ABCI_ADDRESS', value: abciAddress(network) },
      { name: 'NODE_NAME', value: member.name },
      ...(container.env ?? []),
    ],
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      ...container.securityContext,
    },
    volumeMounts: [...(container.volumeMounts ?? []), ...appMounts(network)],
  }));
}

export function appVolumes(
  network: TendermintNetwork,
  member: Member,
  sources: { keySecret: string; genesis: { configMap: string; file: string } },
) {
  const { app } = network.spec;
  if (app?.container === undefined) return [];
  return [
    ...(app.transport === 'tcp' ? [] : [{ name: SOCKS_VOLUME, emptyDir: {} }]),
    ...(app.storage === undefined ? [] : [{ name: 'app', persistentVolumeClaim: { claimName: appClaimName(member) } }]),
    ...(app.keys === undefined
      ? []
      : [{ name: 'app-keys', secret: { secretName: sources.keySecret, defaultMode: 0o440 } }]),
    ...(app.genesis === undefined
      ? []
      : [
          {
            name: 'app-genesis',
            configMap: {
              name: sources.genesis.configMap,
              items: [{ key: sources.genesis.file, path: 'genesis.json' }],
            },
          },
        ]),
  ];
}

function appMounts(network: TendermintNetwork) {
  const { app } = network.spec;
  return [
    ...(app?.transport === 'tcp' ? [] : [{ name: SOCKS_VOLUME, mountPath: '/socks' }]),
    ...(app?.storage === undefined ? [] : [{ name: 'app', mountPath: app.storage.mountPath ?? DEFAULT_MOUNT }]),
    ...(app?.keys === undefined ? [] : [{ name: 'app-keys', mountPath: '/app-keys', readOnly: true }]),
    ...(app?.genesis === undefined ? [] : [{ name: 'app-genesis', mountPath: '/app-genesis', readOnly: true }]),
  ];
}

function named<T extends { name?: string | undefined }>(containers: T[]): (T & { name: string })[] {
  return containers.map((container, index) => ({ ...container, name: container.name ?? `app-${index + 1}` }));
}
