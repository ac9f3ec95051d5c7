/** `nodewright operator`: the controllers of every kind in one process, in a cluster or beside it. */
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import type { Kind, KindReconciler, ReconcilerContext } from '../kinds/kind.ts';
import { createNodeMetrics } from '../kinds/node-metrics.ts';
import type { PodSecurity } from '../reconcile/pod-security.ts';
import { type ControllerSpec, type Runtime, runUntilSignal, startManager } from '../runtime/manager.ts';
import { createMetrics } from '../runtime/metrics.ts';
import { chooseKinds } from './chosen-kinds.ts';
import { type AccessOptions, connectTo, podGetByProxy, runsInPod } from './cluster-access.ts';
import { type DashboardOptions, startDashboard } from './dashboard.ts';
import { readKindSettings } from './kind-settings.ts';
import { podGetDirect } from './pod-http.ts';
import { DEFAULT_OPERATOR_NAMESPACE, OWN_IMAGE, VERSION } from './version.ts';

export type OperatorOptions = AccessOptions &
  DashboardOptions & {
    namespaces?: string[];
    kinds?: string[];
    operatorNamespace?: string;
    agentImage?: string;
    hoprConfig?: string;
    podSecurity?: PodSecurity;
    leaderElect: boolean;
    healthAddress: string;
    logLevel: string;
  };

export const LEASE_NAME = 'nodewright';

export async function runOperator(options: OperatorOptions): Promise<number> {
  const log = pino({
    level: options.logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
  const metrics = createMetrics({ version: VERSION });
  const { kube, server, namespace } = await connectTo(options, metrics.countRequest);
  const operatorNamespace = options.operatorNamespace ?? (runsInPod() ? namespace : DEFAULT_OPERATOR_NAMESPACE);
  const kindOptions = {
    operatorNamespace,
    agentImage: options.agentImage ?? OWN_IMAGE,
    ...readKindSettings(options),
    ...(options.namespaces === undefined ? {} : { namespaces: options.namespaces }),
  };
  const chosen = chooseKinds(options.kinds);
  const kinds = chosen.filter((kind) => kind.isEnabled?.(kindOptions) ?? true);
  log.info({ version: VERSION, server, ...kindOptions, kinds: kinds.map(({ name }) => name) }, 'starting');
  if (kindOptions.hopr === undefined && chosen.some((kind) => kind.isEnabled !== undefined))
    log.info('resources of hoprnet.org are left alone: --hopr-config is not given');
  let parts: ReturnType<typeof setUpKind>[] = [];
  const manager = await startManager({
    kube,
    metrics,
    ...(options.namespaces === undefined ? {} : { namespaces: options.namespaces }),
    leaderElection: options.leaderElect ? { namespace: operatorNamespace, name: LEASE_NAME } : false,
    healthAddress: options.healthAddress === 'off' ? false : options.healthAddress,
    log,
    setUp: (runtime) => {
      const nodeMetrics = createNodeMetrics();
      runtime.metrics.addComputed(nodeMetrics.metrics);
      parts = kinds.map((kind) =>
        setUpKind(kind, runtime, {
          podGet: runsInPod() ? podGetDirect : podGetByProxy(kube),
          options: kindOptions,
          now: () => new Date(),
          random: randomBytes,
          nodeMetrics,
        }),
      );
      return {
        controllers: parts.map(({ controller }) => controller),
        leaderTasks: parts.map(({ reconciler }) => reconciler),
      };
    },
  });
  const source = { kinds: parts, kube, options: kindOptions };
  const dashboard = await startDashboard(options, source, manager, log).catch(async (error) => {
    await manager.stop();
    throw error;
  });
  const code = await runUntilSignal(manager, log);
  await dashboard?.close();
  return code;
}

/** A kind as the operator runs it: its controller, and what runs only while leading. */
export function setUpKind(
  kind: Kind,
  runtime: Runtime,
  rest: Pick<ReconcilerContext, 'podGet' | 'options' | 'now' | 'random' | 'nodeMetrics'>,
): { kind: Kind; controller: ControllerSpec; reconciler: KindReconciler } {
  const reconciler = kind.createReconciler({
    ...rest,
    kube: runtime.kube,
    mayWrite: runtime.mayWrite,
    reader: runtime.reader,
    events: runtime.recorder(kind.name),
    gauges: runtime.metrics.gauges,
    wake: (request) => runtime.enqueue(kind.name, request),
  });
  const controller: ControllerSpec = {
    name: kind.name,
    type: kind.type,
    children: kind.children(rest.options).map((child) => ({ ...child, map: kind.ownersOf })),
    reconcile: reconciler.reconcile,
  };
  return { kind, controller, reconciler };
}
