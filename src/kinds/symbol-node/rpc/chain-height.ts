/** How far the network is, so that a node that has fallen behind shows. */
import type { CallOutside } from './outside.ts';
import { parseChainInfo, parseNodewatchHeight, parseNodewatchRestNodes } from './rest.ts';

export type NetworkHeight = {
  height: number;
  finalizedHeight: number;
  /** Who says so, for messages. */
  source: string;
};

const TIMEOUT_MS = 4000;
/** One that lies or lags is outvoted. */
const ASKED_NODES = 5;

/**
 * Nodewatch knows; where there is none, or it does not answer, the median of what REST of some nodes of the network says. Throws with
 * what everybody had to say when nobody told a height.
 *
 * @param nodewatch base URL; undefined where none is to be asked
 * @param nodes base URLs of REST
 */
export async function askNetworkHeight(
  call: CallOutside,
  nodewatch: string | undefined,
  nodes: readonly string[],
  signal?: AbortSignal,
): Promise<NetworkHeight> {
  const problems: string[] = [];
  const get = async (url: string) => (await call(url, { timeoutMs: TIMEOUT_MS, signal })).body;
  const note = (error: unknown): undefined => {
    problems.push(error instanceof Error ? error.message : String(error));
  };
  if (nodewatch !== undefined) {
    const known = await get(`${nodewatch}/api/symbol/height`).then(parseNodewatchHeight).catch(note);
    if (known !== undefined) return { ...known, source: 'nodewatch' };
  }
  const asked = nodes.slice(0, ASKED_NODES);
  const answers = await Promise.all(asked.map((node) => get(`${node}/chain/info`).then(parseChainInfo).catch(note)));
  const found = answers.filter((answer) => answer !== undefined);
  if (found.length === 0) throw new Error(problems.length === 0 ? 'nobody to ask is known' : problems.join('; '));
  return {
    height: median(found.map(({ height }) => height)),
    finalizedHeight: median(found.map(({ finalizedHeight }) => finalizedHeight)),
    source: `${found.length} of ${asked.length} nodes`,
  };
}

/** Base URLs of REST nodes of the network, as nodewatch knows them. */
export async function askRestNodes(call: CallOutside, nodewatch: string, signal?: AbortSignal): Promise<string[]> {
  const { body } = await call(`${nodewatch}/api/symbol/nodes/peer`, { timeoutMs: TIMEOUT_MS, signal });
  return parseNodewatchRestNodes(body);
}

/** Of an even number the higher one of the two in the middle: who is behind should hear of it. */
function median(values: number[]): number {
  return values.sort((one, other) => one - other)[Math.floor(values.length / 2)] as number;
}
