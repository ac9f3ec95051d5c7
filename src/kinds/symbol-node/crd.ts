/** The two CustomResourceDefinitions of SymbolNode: one schema, two groups. */
import type { ResourceType } from '../../kube/resource-types.ts';
import { buildCrd } from '../crd.ts';
import { specSchema, TUTORIAL_SYMBOL_NODES } from './schema.ts';
import { statusSchema } from './status-schema.ts';

/** @param type in which of the groups */
export function symbolNodeCrd(type: ResourceType) {
  return buildCrd({
    type,
    // Two kinds can't share a short name.
    shortNames: type === TUTORIAL_SYMBOL_NODES ? ['sn'] : ['symbol'],
    description: 'A node of a Symbol network: peer, API, harvester or voter.',
    spec: specSchema,
    status: statusSchema,
    rules: [],
    columns: [
      { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'State of the node' },
      { name: 'Network', type: 'string', jsonPath: '.status.network', description: 'Network' },
      { name: 'Height', type: 'integer', jsonPath: '.status.height', description: 'Height, at most a minute old' },
      {
        name: 'Finalized',
        type: 'integer',
        jsonPath: '.status.finalizedHeight',
        description: 'Height that is final',
        priority: 1,
      },
      {
        name: 'Ready',
        type: 'string',
        jsonPath: '.status.conditions[?(@.type=="Ready")].status',
        description: 'Whether everything is as asked',
      },
      {
        name: 'Certificate',
        type: 'date',
        jsonPath: '.status.certificates.nodeNotAfter',
        description: 'End of the node certificate',
        priority: 1,
      },
      { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Age' },
    ],
  });
}
