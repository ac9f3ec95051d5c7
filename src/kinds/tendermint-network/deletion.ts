/** The end of a network: first its nodes stop, then keys, volumes and genesis are kept or deleted, then the resource may go. */
import { CONFIG_MAPS, PERSISTENT_VOLUME_CLAIMS, PODS, SECRETS } from '../../kube/resource-types.ts';
import type { Change, Wait } from '../../reconcile/change.ts';
import { LABEL_NODE } from '../../reconcile/labels.ts';
import { keepOrDelete, releaseKeys, remove } from './departures.ts';
import { removeFinalizer } from './finalizer.ts';
import { objectNameOf } from './members.ts';
import type { Observed } from './observe.ts';
import type { TendermintNetwork } from './schema.ts';

const WHY = 'the network is deleted';

export function planDeletion(network: TendermintNetwork, observed: Observed): { changes: Change[]; waits: Wait[] } {
  // The monitor's and transacter's pods go with their Deployments.
  const pods = [...observed.pods.values()].filter((pod) => pod.metadata.labels?.[LABEL_NODE] !== undefined);
  if (pods.length > 0) {
    const running = pods.filter((pod) => pod.metadata.deletionTimestamp === undefined);
    return {
      changes: running.map((pod) => remove(PODS, pod, WHY)),
      waits: [
        {
          what: 'deletion',
          why: `${pods.length} pods have to stop first: ${pods.map((pod) => pod.metadata.name).join(', ')}`,
        },
      ],
    };
  }
  const genesis = observed.configMaps.get(objectNameOf(network, 'genesis'));
  const leftovers = [
    ...keepOrDelete(network, PERSISTENT_VOLUME_CLAIMS, observed.claims.values(), WHY),
    ...keepOrDelete(network, SECRETS, observed.secrets.values(), WHY),
    ...keepOrDelete(network, CONFIG_MAPS, genesis === undefined ? [] : [genesis], WHY),
  ];
  // One step at a time: what failed is tried again while the network still exists, and nobody else would see to it afterwards.
  if (leftovers.length > 0) return { changes: leftovers, waits: [] };
  if (network.spec.deletionPolicy !== 'Delete') {
    const why = 'its volumes, keys and genesis are kept for a network of the same name';
    return { changes: removeFinalizer(network, why), waits: [] };
  }
  const claims = [...observed.claims.values()].map((claim) => claim.metadata.name);
  if (claims.length > 0) {
    // A key is free only when its sign state is gone: a network of the same name would otherwise find it half deleted.
    return { changes: [], waits: [{ what: 'deletion', why: `claims ${claims.join(', ')} are being deleted` }] };
  }
  const prefix = `${network.metadata.namespace}/${network.metadata.name}/`;
  const released = releaseKeys(network, observed, (holder) => holder.startsWith(prefix));
  return {
    changes: released.length > 0 ? released : removeFinalizer(network, 'everything of it is gone'),
    waits: [],
  };
}
