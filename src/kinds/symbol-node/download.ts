/** Downloads of network packages. */
import type { Download } from './network-source.ts';

const TIMEOUT_MS = 120_000;
/** Far above mainnet's package. */
const MAX_BYTES = 64 * 1024 * 1024;

export const download: Download = async (url) => {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) throw new Error(`answered with status ${response.status}`);
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      if (size > MAX_BYTES) throw new Error(`is larger than ${MAX_BYTES / 1024 / 1024} MiB`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    throw new Error(`${url}: ${explain(error)}`, { cause: error });
  }
};

/** What fetch knows is in the cause; its own message is "fetch failed". */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `was not complete within ${TIMEOUT_MS / 1000} s`;
  const { code, message } = (error.cause ?? {}) as { code?: string; message?: string };
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'the name of the host does not resolve';
  return code === undefined ? (message ?? error.message) : `no connection (${code})`;
}
