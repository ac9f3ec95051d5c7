/** Every kind there is. The only place that names them all. */

import { cosmosFullNode } from './cosmos-full-node/kind.ts';
import type { Kind } from './kind.ts';
import { tendermintNetwork } from './tendermint-network/kind.ts';

export const KINDS: readonly Kind[] = [tendermintNetwork, cosmosFullNode];
