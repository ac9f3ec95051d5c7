import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { run } from './commands.ts';
import { kubeconfigOf } from './control-plane.ts';
import type { Daemon } from './daemons.ts';
import type { Network } from './network.ts';

// What a cluster has beside Kubernetes itself: storage, snapshots, addresses for load balancers. All of it runs as
// daemons of the host, so it takes no pods.

const storageNamespace = 'local-path-storage';

/** Image of the pods by which local-path-provisioner makes and removes a volume's folder. */
export const helperImage = 'busybox:stable';

export function localPathProvisioner(dir: string, bin: string): Daemon {
  return {
    name: 'local-path-provisioner',
    command: join(bin, 'local-path-provisioner'),
    args: [
      'start',
      `--kubeconfig=${kubeconfigOf(dir, 'admin')}`,
      `--namespace=${storageNamespace}`,
      `--helper-image=${helperImage}`,
      '--configmap-name=local-path-config',
      `--config=${join(dir, 'local-path.json')}`,
      '--service-account-name=default',
    ],
  };
}

export function snapshotController(dir: string, bin: string): Daemon {
  return {
    name: 'snapshot-controller',
    command: join(bin, 'snapshot-controller'),
    args: [`--kubeconfig=${kubeconfigOf(dir, 'admin')}`],
  };
}

export function loadBalancer(dir: string, bin: string, network: Network): Daemon {
  return {
    name: 'loadbalancer',
    command: join(bin, 'kube'),
    args: ['loadbalancer', `--kubeconfig=${kubeconfigOf(dir, 'admin')}`, `--range=${network.loadBalancerCIDR}`],
  };
}

/** local-path-provisioner's own configuration: where volumes are. */
export function localPathConfig(dir: string): string {
  const paths = [join(dir, 'volumes')];
  return JSON.stringify({ nodePathMap: [{ node: 'DEFAULT_PATH_FOR_NON_LISTED_NODES', paths }] });
}

/** The StorageClass, the provisioner's configuration and the snapshot CRDs in the folder `crds`. */
export function addonManifests(dir: string, crds: string): string {
  const files = readdirSync(crds).map((file) => readFileSync(join(crds, file), 'utf8'));
  return [...storageObjects(dir).map((object) => stringify(object)), ...files].join('\n---\n');
}

export async function applyManifests(dir: string, kubectl: string, manifests: string): Promise<void> {
  const args = ['apply', '--kubeconfig', kubeconfigOf(dir, 'admin'), '--server-side', '--force-conflicts', '-f', '-'];
  await run(kubectl, args, { input: manifests });
}

function storageObjects(dir: string): unknown[] {
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: storageNamespace } },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'local-path-config', namespace: storageNamespace },
      data: {
        'config.json': localPathConfig(dir),
        setup: '#!/bin/sh\nset -eu\nmkdir -m 0777 -p "$VOL_DIR"\n',
        teardown: '#!/bin/sh\nset -eu\nrm -rf "$VOL_DIR"\n',
        'helperPod.yaml': stringify(helperPod),
      },
    },
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: {
        name: 'local-path',
        annotations: {
          'storageclass.kubernetes.io/is-default-class': 'true',
          // As a local volume, unlike a host path, it gets the pod's fsGroup.
          defaultVolumeType: 'local',
        },
      },
      provisioner: 'rancher.io/local-path',
      volumeBindingMode: 'WaitForFirstConsumer',
      reclaimPolicy: 'Delete',
      allowVolumeExpansion: true,
    },
  ];
}

const helperPod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'helper-pod' },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'helper-pod', image: helperImage, imagePullPolicy: 'IfNotPresent' }],
  },
};
