/** The operator as a user's cluster has it: installed by Helm, with the rights that the chart gives it and no more. */
import { readFileSync } from 'node:fs';
import type { Deployment, Pod } from '../../src/kube/objects.ts';
import { DEPLOYMENTS, PODS } from '../../src/kube/resource-types.ts';
import { CHART, helm } from '../helm.ts';
import { getFromPod } from './chain.ts';
import { kube, kubeconfig, kubectl } from './cluster-access.ts';
import { expectNothingDenied } from './denied-requests.ts';
import { eventually } from './eventually.ts';
import type { OperatorProcess } from './operator-process.ts';

const RELEASE = 'nodewright';

/** Installs the operator of this checkout's image and waits until it leads. The CRDs are there already. */
export async function installOperator(
  operatorNamespace: string,
  namespaces: readonly string[],
  chartSettings: readonly string[],
): Promise<OperatorProcess> {
  const settings = [`namespaces={${namespaces}}`, 'replicas=1', 'crds.apply=false', 'logLevel=debug', ...chartSettings];
  await helmRelease(operatorNamespace).install(CHART, settings);
  await untilReady(operatorNamespace, 1, 120);
  const pod = async () => (await operatorPods(operatorNamespace))[0] as Pod;
  const log = async () => kubectl('logs', '--namespace', operatorNamespace, (await pod()).metadata.name);
  return {
    async end() {
      const text = await log();
      await helmRelease(operatorNamespace).uninstall();
      expectNothingDenied(text);
    },
    hasEnded: () => false,
    log,
    metrics: async () => getFromPod(await pod(), 8080, '/metrics'),
  };
}

/** The release of the chart in a namespace; settings are as for `--set`. */
export function helmRelease(namespace: string) {
  const run = (command: string, ...args: string[]) =>
    helm(command, RELEASE, ...args, '--namespace', namespace, '--kubeconfig', kubeconfig);
  const set = (settings: readonly string[]) => settings.flatMap((setting) => ['--set', setting]);
  return {
    install: (chart: string, settings: readonly string[]) => run('install', chart, ...set(settings)),
    upgrade: (chart: string, settings: readonly string[]) => run('upgrade', chart, ...set(settings)),
    rollback: () => run('rollback'),
    uninstall: () => run('uninstall', '--wait'),
  };
}

/** Waits until so many operators, all of the newest template, are Ready, and no others are there. */
export function untilReady(namespace: string, replicas: number, seconds: number): Promise<void> {
  return eventually(seconds, async () => {
    const [deployment] = await kube.list<Deployment>(DEPLOYMENTS, { namespace });
    const {
      observedGeneration = 0,
      updatedReplicas = 0,
      readyReplicas = 0,
      replicas: all = 0,
    } = deployment?.status ?? {};
    const counts = [updatedReplicas, readyReplicas, all];
    if (observedGeneration < (deployment?.metadata.generation ?? 1) || counts.some((count) => count !== replicas))
      throw new Error(`of ${replicas} operators ${updatedReplicas} are new, ${readyReplicas} ready and ${all} there`);
  });
}

/** Those that are not on their way out. */
export async function operatorPods(namespace: string): Promise<Pod[]> {
  const labelSelector = 'app.kubernetes.io/component=operator';
  const pods = await kube.list<Pod>(PODS, { namespace, labelSelector });
  return pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

/** Version of this checkout: that of the image that the cluster has. */
export function ownVersion(): string {
  return (JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version;
}
