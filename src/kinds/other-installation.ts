/** Two operators must never act on one resource: its status says whose it is. */
import { REFRESH_MS } from './recipe.ts';

/** An operator that has not refreshed the status for this long is gone. */
const ABANDONED_AFTER_MS = 3 * REFRESH_MS;

/**
 * Why the operator in `ownNamespace` leaves a resource alone, or undefined when it need not.
 *
 * @param writer namespace of the operator that wrote the status last
 * @param writtenAt when that was, RFC 3339
 */
export function otherInstallation(
  writer: string | undefined,
  writtenAt: string | undefined,
  ownNamespace: string,
  now: Date,
): string | undefined {
  if (writer === undefined || writer === ownNamespace || writtenAt === undefined) return undefined;
  if (now.getTime() - Date.parse(writtenAt) >= ABANDONED_AFTER_MS) return undefined;
  return `the operator in namespace ${writer} looks after this resource`;
}
