/** The chain as its nodes tell it, asked without any code of the operator. */
import type { Pod } from '../../src/kube/objects.ts';
import { isOwnCluster, kube } from './cluster-access.ts';

/** Of a node that shares two cores with those of other files. */
const TIMEOUT_MS = 10_000;

/** GET of a node's RPC; its result, or a throw with its error. */
export async function askNode<T>(pod: Pod, path: string, timeoutMs?: number): Promise<T> {
  const body = await getFromPod(pod, 26657, path, timeoutMs);
  const { result, error } = JSON.parse(body) as { result?: T; error?: { message: string; data?: string } };
  if (result === undefined)
    throw new Error(`${pod.metadata.name}${path}: ${error?.message ?? body} ${error?.data ?? ''}`);
  return result;
}

/** Straight to the pod where it can be reached, otherwise through the API server. */
export async function getFromPod(pod: Pod, port: number, path: string, timeoutMs = TIMEOUT_MS): Promise<string> {
  const signal = AbortSignal.timeout(timeoutMs);
  const { name, namespace } = pod.metadata;
  if (!isOwnCluster) return (await kube.proxyToPod({ namespace, name }, port, path, signal)).body;
  return (await fetch(`http://${pod.status?.podIP}:${port}${path}`, { signal })).text();
}

export type NodeStatus = {
  node_info: { id: string; network: string; version: string };
  sync_info: { latest_block_height: string; latest_block_time: string; catching_up: boolean };
  validator_info: { address: string; voting_power: string };
};

export function statusOf(pod: Pod, timeoutMs?: number): Promise<NodeStatus> {
  return askNode(pod, '/status', timeoutMs);
}

export async function heightOf(pod: Pod, timeoutMs?: number): Promise<number> {
  return Number((await statusOf(pod, timeoutMs)).sync_info.latest_block_height);
}

/** Addresses of the validators whose signature is in the latest commit that a node knows. */
export async function signersOf(pod: Pod): Promise<string[]> {
  type Signature = { block_id_flag: number; validator_address: string };
  const { signed_header } = await askNode<{ signed_header: { commit: { signatures: Signature[] } } }>(pod, '/commit');
  return signed_header.commit.signatures
    .filter((signature) => signature.block_id_flag === 2)
    .map((signature) => signature.validator_address);
}

/** Power by address of the validators that vote on a height: without one, on the block that the node waits for. */
export async function validatorsOf(pod: Pod, height?: number): Promise<Record<string, number>> {
  type Answer = { validators: { address: string; voting_power: string }[] };
  const { validators } = await askNode<Answer>(
    pod,
    height === undefined ? '/validators' : `/validators?height=${height}`,
  );
  return Object.fromEntries(validators.map(({ address, voting_power }) => [address, Number(voting_power)]));
}

/** When the chain was through with the last block that a validator, which is out of the set now, had a vote on. Milliseconds since 1970. */
export async function lastVoteTime(pod: Pod, address: string): Promise<number> {
  let height = await heightOf(pod);
  while (!(await validatorsOf(pod, height - 1))[address]) height--;
  // A block's time is that of the votes on the block before it.
  const { block } = await askNode<{ block: { header: { time: string } } }>(pod, `/block?height=${height}`);
  return Date.parse(block.header.time);
}

/** Sends `key=value` to a node and waits until it is in a block. */
export async function sendTransaction(pod: Pod, transaction: string): Promise<void> {
  type Result = { check_tx: { code: number; log?: string }; tx_result: { code: number; log?: string } };
  const path = `/broadcast_tx_commit?tx=${encodeURIComponent(JSON.stringify(transaction))}`;
  const body = isOwnCluster
    ? await (await fetch(`http://${pod.status?.podIP}:26657${path}`, { signal: AbortSignal.timeout(20_000) })).text()
    : await getFromPod(pod, 26657, path);
  const { result } = JSON.parse(body) as { result?: Result };
  if (result?.check_tx.code !== 0 || result.tx_result.code !== 0)
    throw new Error(`${transaction} was refused: ${body}`);
}

/** The value that the key-value store of a node has for a key; empty when it has none. */
export async function queryValue(pod: Pod, key: string): Promise<string> {
  const path = `/abci_query?data=${encodeURIComponent(JSON.stringify(key))}`;
  const { response } = await askNode<{ response: { value: string | null } }>(pod, path);
  return Buffer.from(response.value ?? '', 'base64').toString('utf8');
}
