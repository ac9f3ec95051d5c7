/** What is wrong with a ScheduledVolumeSnapshot as it is written, found without any cluster. */
import type { KubeObject } from '../../kube/objects.ts';
import { completeBySchema, findSchemaProblems, schemaOf } from '../structural-schema.ts';
import { scheduledVolumeSnapshotCrd } from './crd.ts';
import { findProblems } from './problems.ts';
import type { ScheduledVolumeSnapshot } from './schema.ts';

export function checkScheduledVolumeSnapshot(object: KubeObject): string[] {
  const schema = schemaOf(scheduledVolumeSnapshotCrd(), 'spec');
  const spec = completeBySchema(schema, (object as ScheduledVolumeSnapshot).spec ?? {});
  const misfits = findSchemaProblems(schema, spec, 'spec');
  const resource = { ...object, spec } as ScheduledVolumeSnapshot;
  const problems = misfits.length > 0 ? misfits : findProblems(resource).map(({ message }) => message);
  return problems.map((problem) => `${object.kind} ${object.metadata.name}: ${problem}`);
}

export function warnOfScheduledVolumeSnapshot(object: KubeObject): string[] {
  const { metadata, spec } = object as ScheduledVolumeSnapshot;
  const namespace = spec?.fullNodeRef?.namespace;
  if (!namespace || namespace === (metadata.namespace ?? namespace)) return [];
  return [
    `${object.kind} ${metadata.name}: spec.fullNodeRef.namespace: has no effect; the CosmosFullNode is looked for in namespace ${metadata.namespace}`,
  ];
}
