/** The CustomResourceDefinition of TendermintNetwork. */
import { buildCrd } from '../crd.ts';
import { specSchema, TENDERMINT_NETWORKS } from './schema.ts';
import { statusSchema } from './status-schema.ts';

export function tendermintNetworkCrd() {
  return buildCrd({
    type: TENDERMINT_NETWORKS,
    shortNames: ['tmn'],
    description: 'A network of CometBFT (Tendermint) validators and full nodes that make one chain.',
    spec: specSchema,
    status: statusSchema,
    rules: [
      {
        rule: "self.metadata.name.size() <= 32 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
        message:
          'the name becomes part of DNS names: at most 32 lower-case letters, digits and dashes, beginning with a letter',
      },
    ],
    columns: [
      { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'State of the network' },
      { name: 'Chain', type: 'string', jsonPath: '.spec.chainId', description: 'Chain id' },
      { name: 'Height', type: 'integer', jsonPath: '.status.height', description: 'Height, at most a minute old' },
      { name: 'Validators', type: 'string', jsonPath: '.status.validators', description: 'Validators in sync, of all' },
      {
        name: 'Quorum',
        type: 'string',
        jsonPath: '.status.conditions[?(@.type=="Quorum")].status',
        description: 'Whether the chain makes blocks',
      },
      {
        name: 'Ready',
        type: 'string',
        jsonPath: '.status.conditions[?(@.type=="Ready")].status',
        description: 'Whether everything is as asked',
        priority: 1,
      },
      { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Age' },
    ],
    scale: {
      specReplicasPath: '.spec.fullNodes.replicas',
      statusReplicasPath: '.status.fullNodes',
      labelSelectorPath: '.status.fullNodeSelector',
    },
  });
}
