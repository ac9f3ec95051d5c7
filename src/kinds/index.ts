/** Every kind there is. The only place that names them all. */

import { cosmosFullNode } from './cosmos-full-node/kind.ts';
import { clusterHoprd, hoprd, identityHoprd, identityPool } from './hopr/kind.ts';
import type { Kind } from './kind.ts';
import { scheduledVolumeSnapshot } from './scheduled-volume-snapshot/kind.ts';
import { statefulJob } from './stateful-job/kind.ts';
import { symbolNode, tutorialSymbolNode } from './symbol-node/kind.ts';
import { tendermintNetwork } from './tendermint-network/kind.ts';

export const KINDS: readonly Kind[] = [
  tendermintNetwork,
  cosmosFullNode,
  scheduledVolumeSnapshot,
  statefulJob,
  identityPool,
  identityHoprd,
  clusterHoprd,
  hoprd,
  symbolNode,
  tutorialSymbolNode,
];
