/**
 * Calls pods at their IP: inside a cluster. A connection for each call, and none that is kept: there are as many addresses as there are
 * nodes, and pools for each of a few hundred cost more memory than all else that the operator has.
 */
import { get, type RequestOptions } from 'node:http';
import type { PodGet } from '../kinds/kind.ts';

/** Far above any node's answer, far below what would hurt. */
const MAX_BYTES = 16 * 1024 * 1024;

export const podGetDirect: PodGet = async (pod, port, path, signal) => {
  const ip = pod.status?.podIP;
  if (ip === undefined) throw new Error(`Pod ${pod.metadata.name} has no IP yet`);
  // CometBFT answers errors with status 500 and a JSON body that says more.
  return readBody({ host: ip, port, path, signal, agent: false });
};

function readBody(options: RequestOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(new Error(explain(error)));
    const request = get(options, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_BYTES) request.destroy(new Error(`the answer is larger than ${MAX_BYTES} bytes`));
        else chunks.push(chunk);
      });
      response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
      response.on('error', fail);
    });
    request.on('error', fail);
  });
}

function explain(error: Error & { code?: string }): string {
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'no answer in time';
  if (error.code?.startsWith('HPE_')) return 'an answer that is not HTTP';
  return error.code === undefined ? error.message : `no connection (${error.code})`;
}
