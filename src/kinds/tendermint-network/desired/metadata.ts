/** Names, labels and owners of a network's children. The user's labels come first, so that they can never break a selector of ours. */
import type { ObjectMeta } from '../../../kube/objects.ts';
import {
  LABEL_COMPONENT,
  LABEL_INSTANCE,
  LABEL_MANAGED_BY,
  LABEL_NAME,
  LABEL_NODE,
  LABEL_ROLE,
  MANAGER,
  withoutOurs,
} from '../../../reconcile/labels.ts';
import { ownedBy } from '../../../reconcile/ownership.ts';
import { childLabels } from '../observe.ts';
import type { TendermintNetwork } from '../schema.ts';

export type ChildOptions = {
  role: 'network' | 'validator' | 'full' | 'monitor' | 'transacter';
  node?: string;
  /** False for what outlives the network: it has no owner reference. */
  owned: boolean;
  annotations?: Record<string, string>;
};

export function childMetadata(network: TendermintNetwork, name: string, options: ChildOptions): ObjectMeta {
  const annotations = { ...withoutOurs(network.spec.annotations), ...options.annotations };
  return {
    name,
    namespace: network.metadata.namespace as string,
    labels: {
      ...withoutOurs(network.spec.labels),
      [LABEL_NAME]: 'cometbft',
      [LABEL_INSTANCE]: network.metadata.name,
      [LABEL_COMPONENT]: options.role,
      [LABEL_MANAGED_BY]: MANAGER,
      ...childLabels(network),
      [LABEL_ROLE]: options.role,
      ...(options.node === undefined ? {} : { [LABEL_NODE]: options.node }),
    },
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    ...(options.owned ? ownedBy(network) : {}),
  };
}

/** Labels that select the pods of a role, or of one node. */
export function podSelector(network: TendermintNetwork, more: Record<string, string>): Record<string, string> {
  return { ...childLabels(network), ...more };
}
