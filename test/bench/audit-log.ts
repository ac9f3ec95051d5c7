/** Who wrote what to an API server, by its own audit log (ControlPlaneOptions.auditLog). */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

export type AuditedWrite = {
  /** The name in the user agent, without version and system, such as `kwok`. */
  client: string;
  verb: string;
  /** As in RBAC rules: `pods`, `cosmosfullnodes/status`. */
  resource: string;
};

type AuditEvent = {
  verb: string;
  userAgent?: string;
  objectRef?: { resource?: string; subresource?: string };
};

export type AuditLog = {
  /** What was noted since the last call. */
  take(): AuditedWrite[];
  close(): void;
};

/** Opens a log at its end. */
export function tailAuditLog(file: string): AuditLog {
  const descriptor = openSync(file, 'r');
  let offset = fstatSync(descriptor).size;
  return {
    take() {
      const bytes = Buffer.alloc(fstatSync(descriptor).size - offset);
      readSync(descriptor, bytes, 0, bytes.length, offset);
      // A line that is being written now is the next call's.
      const whole = bytes.subarray(0, bytes.lastIndexOf('\n') + 1);
      offset += whole.length;
      return whole
        .toString()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => describe(JSON.parse(line) as AuditEvent));
    },
    close: () => closeSync(descriptor),
  };
}

function describe({ verb, userAgent = '', objectRef = {} }: AuditEvent): AuditedWrite {
  const { resource = '', subresource } = objectRef;
  return {
    client: userAgent.split('/')[0] as string,
    verb,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
  };
}

/** Counts equal writes: `patch cosmosfullnodes/status` → 200. */
export function countWrites(writes: readonly AuditedWrite[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { verb, resource } of writes) {
    const what = `${verb} ${resource}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return counts;
}
