/** The resource type of a CosmosFullNode. Its members are generated from the CRD, which is the source of truth (schema.gen.ts). */
import type { KubeObject } from '../../kube/objects.ts';
import type { CosmosFullNodeSpec, CosmosFullNodeStatus } from './schema.gen.ts';

export { COSMOS_FULL_NODES } from '../cosmos-resource-types.ts';
export type {
  AdditionalPod,
  AppConfig,
  Chain,
  CometConfig,
  CorruptDataRecovery,
  CosmosFullNodeSpec,
  CosmosFullNodeStatus,
  InstanceOverride,
  ServiceTemplate,
  TemplateMetadata,
  Version,
  VolumeClaimTemplate,
} from './schema.gen.ts';

export type CosmosFullNode = KubeObject & { spec: CosmosFullNodeSpec; status?: CosmosFullNodeStatus };
