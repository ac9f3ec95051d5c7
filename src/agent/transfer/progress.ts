/** Lines about a transfer that takes long: `1.2 GiB of 40.1 GiB (3 %), 85.0 MiB/s, 8m20s left`. */
import { formatBytes } from '../byte-size.ts';

const INTERVAL_MS = 10_000;

/** Returns a function to call with the position as often as one likes; it logs a line at most every ten seconds. */
export function reportProgress(
  log: (line: string) => void,
  totalBytes: number | undefined,
  now: () => number,
): (position: number) => void {
  let last = { time: now(), position: 0 };
  return (position) => {
    const time = now();
    const elapsed = time - last.time;
    if (elapsed < INTERVAL_MS) return;
    const speed = ((position - last.position) / elapsed) * 1000;
    last = { time, position };
    log(describeProgress(position, totalBytes, speed));
  };
}

/** `speed` in bytes a second. */
export function describeProgress(position: number, totalBytes: number | undefined, speed: number): string {
  const rate = `${formatBytes(Math.max(0, Math.round(speed)))}/s`;
  if (totalBytes === undefined || totalBytes === 0) return `${formatBytes(position)}, ${rate}`;
  const percent = Math.floor((position / totalBytes) * 100);
  const left = speed > 0 ? `, ${formatSeconds((totalBytes - position) / speed)} left` : '';
  return `${formatBytes(position)} of ${formatBytes(totalBytes)} (${percent} %), ${rate}${left}`;
}

/** `42s`, `8m20s`, `3h07m`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole}s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}m${String(whole % 60).padStart(2, '0')}s`;
  return `${Math.floor(minutes / 60)}h${String(minutes % 60).padStart(2, '0')}m`;
}
