/** The CRD that the Cosmos Operator installs: ours without what we added. */
import { cosmosFullNodeCrd } from '../../src/kinds/cosmos-full-node/crd.ts';
import { type StructuralSchema, schemaOf } from '../../src/kinds/structural-schema.ts';
import type { CustomResourceDefinition } from '../../src/kube/objects.ts';

const ITS_STATUS = [
  'height',
  'observedGeneration',
  'peers',
  'phase',
  'scheduledSnapshotStatus',
  'selfHealing',
  'status',
  'sync',
];

export function originalCosmosCrd(): CustomResourceDefinition {
  const crd = cosmosFullNodeCrd();
  const [version] = crd.spec?.versions ?? [];
  if (version === undefined || crd.spec === undefined) throw new Error('the CRD of CosmosFullNode has no version');
  version.subresources = { status: {} };
  version.additionalPrinterColumns = [
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ];
  delete crd.spec.names.categories;
  crd.metadata = { name: crd.metadata.name, annotations: { 'controller-gen.kubebuilder.io/version': 'v0.16.5' } };
  removeAdditions(version.schema?.openAPIV3Schema as StructuralSchema);

  const status = schemaOf(crd, 'status').properties ?? {};
  for (const name of Object.keys(status)) if (!ITS_STATUS.includes(name)) delete status[name];
  delete status.sync?.additionalProperties?.properties?.peers;
  const spec = schemaOf(crd, 'spec').properties ?? {};
  delete spec.chain?.properties?.genesisSHA256;
  delete spec.chain?.properties?.snapshotSHA256;
  delete spec.chain?.properties?.versions?.items?.properties?.height?.minimum;
  const { additionalVersionedPods: pods } = spec;
  delete pods?.maxItems;
  delete pods?.['x-kubernetes-list-type'];
  delete pods?.['x-kubernetes-list-map-keys'];
  delete pods?.items?.properties?.name?.maxLength;
  const overrides = spec.instanceOverrides?.additionalProperties?.properties;
  for (const template of [spec.volumeClaimTemplate, overrides?.volumeClaimTemplate]) {
    if (template !== undefined) template.required = ['resources', 'storageClassName'];
    const { autoDataSource } = template?.properties ?? {};
    if (autoDataSource !== undefined) autoDataSource.required = ['matchInstance'];
  }
  return crd;
}

/** Descriptions and rules, wherever they are. */
function removeAdditions(schema: StructuralSchema): void {
  delete schema.description;
  delete schema['x-kubernetes-validations'];
  for (const inner of Object.values(schema.properties ?? {})) removeAdditions(inner);
  if (schema.items !== undefined) removeAdditions(schema.items);
  if (schema.additionalProperties !== undefined) removeAdditions(schema.additionalProperties);
}
