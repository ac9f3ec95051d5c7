/**
 * Calls to what is not in the cluster: nodewatch, REST of the network's nodes, webhooks. One function, so that tests and simulations can
 * stand in for the world.
 */

/** The body of an answer whatever its status, which comes with it. Throws with a phrase fit for a status when there was none. */
export type CallOutside = (
  url: string,
  options: { method?: 'GET' | 'PUT' | 'POST'; json?: unknown; timeoutMs: number; signal?: AbortSignal | undefined },
) => Promise<{ status: number; body: string }>;

/** A list of all nodes of mainnet has a few hundred kilobytes. */
const MAX_BYTES = 8 * 1024 * 1024;

export const callOutside: CallOutside = async (url, { method = 'GET', json, timeoutMs, signal }) => {
  const limit = AbortSignal.timeout(timeoutMs);
  const host = URL.canParse(url) ? new URL(url).host : 'an address that is no URL';
  try {
    const response = await fetch(url, {
      method,
      redirect: 'error',
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
      ...(json === undefined ? {} : { body: JSON.stringify(json), headers: { 'content-type': 'application/json' } }),
    });
    return { status: response.status, body: await readBody(response) };
  } catch (error) {
    throw new Error(`${host}: ${limit.aborted ? `no answer within ${timeoutMs / 1000} s` : explain(error)}`, {
      cause: error,
    });
  }
};

async function readBody(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error(`the answer is longer than ${MAX_BYTES / 1024 / 1024} MiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** What fetch knows is in the cause; its own message is "fetch failed". */
function explain(error: unknown): string {
  const cause = (error as { cause?: { code?: string; message?: string } }).cause;
  if (cause?.code === 'ENOTFOUND' || cause?.code === 'EAI_AGAIN') return 'the name does not resolve';
  if (cause?.code !== undefined) return `no connection (${cause.code})`;
  return cause?.message ?? (error instanceof Error ? error.message : String(error));
}
