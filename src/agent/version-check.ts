/** Whether a node runs the version that its height needs. */
export type VersionCheckOptions = { daemon: boolean; log: (line: string) => void };

/** Without configured versions there is nothing to check: resolves at once, as a daemon when the signal is aborted. */
export async function checkVersion({ daemon, log }: VersionCheckOptions, signal: AbortSignal): Promise<void> {
  log('no versions are configured (spec.chain.versions): nothing to check');
  if (!daemon || signal.aborted) return;
  // A signal alone keeps no process alive.
  const alive = setInterval(() => {}, 2 ** 30);
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  clearInterval(alive);
}
