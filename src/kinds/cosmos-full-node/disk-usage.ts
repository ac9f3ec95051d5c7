/** How full the volume of a node is, as the health check beside the node says (`/disk`, port 1251); asked for once a minute. */
import type { PersistentVolumeClaim } from '../../kube/objects.ts';
import type { DiskReading, DiskReport, Reading } from './node.ts';

const HEALTH_PORT = 1251;
const EVERY_MS = 57_000;
/** Left for the node's own answer, so that one that hangs does not take the volume's answer with it. */
const RPC_MS = 1500;

type Get = (port: number, path: string, signal: AbortSignal) => Promise<string>;

/** The size of a bound claim; a volume is measured anew when it has another one. */
export function capacityOf(claim: PersistentVolumeClaim | undefined): string | undefined {
  return claim?.status?.phase === 'Bound' ? claim.status.capacity?.storage : undefined;
}

/** Whether it is time to measure, at the time of the last reading. */
export function isMeasureDue(last: Reading | undefined, capacity: string): boolean {
  const disk = last?.disk;
  return last === undefined || disk === undefined || disk.capacity !== capacity || last.at - disk.at >= EVERY_MS;
}

/**
 * Asks the node and the health check at once. That the node does not answer is no reason not to know how full its volume is: then the error
 * carries the report.
 */
export async function askWithDisk<Answer extends object>(
  askNode: (signal: AbortSignal) => Promise<Answer>,
  get: Get,
  volume: { dir: string; capacity: string },
  signal: AbortSignal,
): Promise<Answer & { disk: DiskReport }> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(RPC_MS)]);
  const [answer, disk] = await Promise.all([
    askNode(limited).catch((error: Error) => error),
    measure(get, volume, limited),
  ]);
  if (answer instanceof Error) throw Object.assign(answer, { disk });
  return { ...answer, disk };
}

/** The report of an answer, or of the error in its place. */
export function diskReportOf(answer: object): DiskReport | undefined {
  return (answer as { disk?: DiskReport }).disk;
}

/** @param fullAt percentage from which on a volume is to grow */
export function foldDisk(report: DiskReport | undefined, at: number, fullAt: number): DiskReading | undefined {
  return report && { ...report, at, isFull: (report.usedPercent ?? 0) >= fullAt };
}

async function measure(get: Get, { dir, capacity }: { dir: string; capacity: string }, signal: AbortSignal) {
  try {
    const text = await get(HEALTH_PORT, `/disk?dir=${encodeURIComponent(dir)}`, signal);
    return { capacity, usedPercent: parseUsage(text), error: undefined };
  } catch (error) {
    return { capacity, usedPercent: undefined, error: error instanceof Error ? error.message : String(error) };
  }
}

/** Zeros are left out of the answer. */
function parseUsage(text: string): number {
  const { all_bytes: all = 0, free_bytes: free = 0, error } = JSON.parse(text) as Record<string, unknown>;
  if (error !== undefined) throw new Error(String(error));
  if (typeof all !== 'number' || typeof free !== 'number' || all <= 0 || free < 0 || free > all)
    throw new Error(`an answer without a size: ${text.slice(0, 100)}`);
  return Math.round(((all - free) / all) * 100);
}
