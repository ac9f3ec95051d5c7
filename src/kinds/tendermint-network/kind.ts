import type { KubeObject, Lease, Pod } from '../../kube/objects.ts';
import {
  CONFIG_MAPS,
  DEPLOYMENTS,
  LEASES,
  PERSISTENT_VOLUME_CLAIMS,
  POD_DISRUPTION_BUDGETS,
  PODS,
  SECRETS,
  SERVICES,
} from '../../kube/resource-types.ts';
import { LABEL_KIND, LABEL_RESOURCE } from '../../reconcile/labels.ts';
import type { Kind } from '../kind.ts';
import { checkNetwork } from './check.ts';
import { tendermintNetworkCrd } from './crd.ts';
import { stallTimeOf } from './desired/config.ts';
import { type Observed, observe } from './observe.ts';
import { type PlanContext, planNetwork } from './plan.ts';
import { foldReading, type Reading } from './reading.ts';
import { createTendermintNetworkReconciler } from './reconciler.ts';
import { renderNetwork } from './render.ts';
import { reservedFor } from './reservation.ts';
import { askNode, RPC_PORT } from './rpc.ts';
import { TENDERMINT_NETWORKS, type TendermintNetwork } from './schema.ts';
import { buildStatus } from './status.ts';

const ASK_TIMEOUT_MS = 5000;

export const tendermintNetwork: Kind = {
  name: 'tendermint-network',
  type: TENDERMINT_NETWORKS,
  children: [
    PODS,
    SERVICES,
    CONFIG_MAPS,
    SECRETS,
    PERSISTENT_VOLUME_CLAIMS,
    POD_DISRUPTION_BUDGETS,
    DEPLOYMENTS,
    LEASES,
  ],
  rules: [
    {
      apiGroups: [''],
      resources: ['pods', 'services', 'configmaps', 'secrets', 'persistentvolumeclaims'],
      verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
    },
    {
      apiGroups: ['policy'],
      resources: ['poddisruptionbudgets'],
      verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
    },
    { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'] },
  ],
  ownersOf,
  crd: tendermintNetworkCrd,
  check: checkNetwork,
  render: (object, options, now, random) => renderNetwork(object as TendermintNetwork, options, now, random),
  look,
  createReconciler: createTendermintNetworkReconciler,
};

function ownersOf(child: KubeObject): { namespace: string; name: string }[] {
  if (child.kind === LEASES.kind) return reservedFor(child as Lease);
  const { labels = {}, namespace = '', ownerReferences = [] } = child.metadata;
  const name = labels[LABEL_RESOURCE];
  const isOurs = labels[LABEL_KIND] === TENDERMINT_NETWORKS.kind && ownerReferences.length === 0;
  return isOurs && name !== undefined ? [{ namespace, name }] : [];
}

async function look(object: KubeObject, context: Parameters<Kind['look']>[1]) {
  const network = object as TendermintNetwork;
  const { reader, podGet } = context;
  const options = {
    ...context.options,
    operatorNamespace: network.status?.operatorNamespace ?? context.options.operatorNamespace,
  };
  const readings = new Map<string, Reading>();
  const first = await observe(network, reader, options.operatorNamespace, () => undefined);
  await Promise.all(
    [...first.pods.values()].map(async (pod: Pod) => {
      if (pod.status?.podIP === undefined || pod.metadata.labels?.['nodewright.dev/node'] === undefined) return;
      const answer = await askNode(
        (path, signal) => podGet(pod, RPC_PORT, path, signal),
        AbortSignal.timeout(ASK_TIMEOUT_MS),
      ).catch((error: Error) => error);
      readings.set(
        pod.metadata.uid as string,
        foldReading(undefined, answer, context.now().getTime(), {
          stallAfterMs: stallTimeOf(network),
          trustBlockTime: true,
        }),
      );
    }),
  );
  const observed: Observed = { ...first, readings };
  const planContext: PlanContext = {
    now: context.now(),
    random: context.random,
    operatorNamespace: options.operatorNamespace,
    images: { agent: options.agentImage },
    residues: new Map(),
  };
  const plan = planNetwork(network, observed, planContext);
  return {
    changes: plan.changes,
    waits: plan.waits,
    problems: plan.problems.map((problem) => problem.message),
    status: buildStatus(network, {
      plan,
      failure: undefined,
      now: context.now(),
      operatorNamespace: options.operatorNamespace,
    }),
  };
}
