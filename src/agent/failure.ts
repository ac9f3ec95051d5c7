/** How a command of the agent ends when it can't do its work: with one line that a person can act on. */
import { existsSync, writeFileSync } from 'node:fs';

/** Where the kubelet takes a container's message from; only containers have it. */
const TERMINATION_LOG = '/dev/termination-log';

/** The kubelet keeps this much of a message. */
const MAX_BYTES = 4096;

/** Writes the reason as one line to stderr, and for the pod's status to the termination log, when there is one. */
export function reportFailure(
  error: unknown,
  writeError: (text: string) => void = (text) => void process.stderr.write(text),
  terminationLog: string = TERMINATION_LOG,
): void {
  const reason = (error instanceof Error ? error.message : String(error)).trim().replace(/\s*\n\s*/g, ' ');
  writeError(`error: ${reason}\n`);
  if (!existsSync(terminationLog)) return;
  try {
    writeFileSync(terminationLog, Buffer.from(reason).subarray(0, MAX_BYTES));
  } catch (cause) {
    writeError(`warning: ${terminationLog} can't be written: ${cause instanceof Error ? cause.message : cause}\n`);
  }
}
