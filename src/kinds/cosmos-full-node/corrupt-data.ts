/**
 * Whether a node fails because its databases cannot be opened (spec.selfHeal.corruptDataRecovery). That it fails again and again is not
 * enough, which may have any cause: the agent, which looks at the files, has to say that they are damaged. What a container waits for that
 * could not even be started (image, configuration) is never taken for it.
 */
import { NODE_CONTAINER } from '../../comet-node/node-view.ts';
import type { Pod } from '../../kube/objects.ts';
import type { DatabaseReading, Reading } from './node.ts';
import type { CorruptDataRecovery } from './schema.ts';

const HEALTH_PORT = 1251;
const EVERY_MS = 30_000;
/** An older answer says nothing any more. */
const FRESH_MS = 120_000;
const DEFAULT_FAILED_STARTS = 5;
const VERSION_CHECK = 'version-check';
/** How the version check ends where it cannot read the height from the databases, and which of that is the machine's fault. */
const UNREADABLE = /the height cannot be read from (\S+): (.+)/;
const SYSTEM_ERROR = /\bE(?!NOENT\b)[A-Z]{2,}\b/;

type Get = (port: number, path: string, signal: AbortSignal) => Promise<string>;

/** How often the node's process has ended in this pod. */
export function restartsOf(pod: Pod): number {
  return statusOf(pod, NODE_CONTAINER)?.restartCount ?? 0;
}

/** Whether the agent beside a node is to be asked about the databases, at the time of the last reading. */
export function isDatabaseCheckDue(
  recovery: CorruptDataRecovery | undefined,
  pod: Pod,
  last: Reading | undefined,
): boolean {
  if (recovery === undefined || last === undefined || !failsAgainAndAgain(recovery, pod, last)) return false;
  return last.databases === undefined || last.at - last.databases.at >= EVERY_MS;
}

/** Asks the agent too; where the node does not answer, the error carries what the agent says. */
export async function askWithDatabases<Answer extends object>(
  askNode: (signal: AbortSignal) => Promise<Answer>,
  get: Get,
  dataDir: string,
  signal: AbortSignal,
): Promise<Answer> {
  const [answer, broken] = await Promise.all([
    askNode(signal).catch((error: Error) => error),
    askDatabases(get, dataDir, signal),
  ]);
  if (answer instanceof Error) throw Object.assign(answer, { databases: { broken } });
  return answer;
}

/** What is broken, of an error in the place of an answer. */
export function foldDatabases(answer: object, at: number): DatabaseReading | undefined {
  const { databases } = answer as { databases?: { broken: string | undefined } };
  return databases && { at, broken: databases.broken };
}

/** The databases of a node that cannot be opened, in words; undefined where nobody can say so. */
export function findCorruption(
  recovery: CorruptDataRecovery,
  pod: Pod,
  reading: Reading | undefined,
  now: number,
): string | undefined {
  const inCheck = findInVersionCheck(recovery, pod);
  if (inCheck !== undefined) return inCheck;
  const { databases } = reading ?? {};
  if (reading === undefined || databases === undefined || now - databases.at > FRESH_MS) return undefined;
  return failsAgainAndAgain(recovery, pod, reading) ? databases.broken : undefined;
}

/** Whether it may be that bad: what more there is to know is looked up only then. */
export function isSuspect(recovery: CorruptDataRecovery, pod: Pod): boolean {
  return restartsOf(pod) >= failedStartsOf(recovery) || findInVersionCheck(recovery, pod) !== undefined;
}

/** The step before the node that reads the databases; init containers begin again only until they succeed. */
function findInVersionCheck(recovery: CorruptDataRecovery, pod: Pod): string | undefined {
  const status = pod.status?.initContainerStatuses?.find(({ name }) => name === VERSION_CHECK);
  if (status === undefined || status.restartCount < failedStartsOf(recovery)) return undefined;
  const ended = status.state?.terminated ?? status.lastState?.terminated;
  const [, path, reason] = UNREADABLE.exec(ended?.message ?? '') ?? [];
  if (status.state?.running !== undefined || reason === undefined || SYSTEM_ERROR.test(reason)) return undefined;
  return `${path?.split('/').at(-1)}: ${reason}`;
}

/** So many starts in a row that no height came from, and now it is down. */
function failsAgainAndAgain(recovery: CorruptDataRecovery, pod: Pod, reading: Reading): boolean {
  const status = statusOf(pod, NODE_CONTAINER);
  const ended = status?.lastState?.terminated;
  if (status?.state?.waiting?.reason !== 'CrashLoopBackOff' || ended === undefined) return false;
  if (ended.exitCode === 0 || ended.reason === 'OOMKilled' || reading.error === undefined) return false;
  return restartsOf(pod) - (reading.restartsAtAnswer ?? restartsOf(pod)) >= failedStartsOf(recovery);
}

function failedStartsOf({ failedStarts }: CorruptDataRecovery): number {
  return failedStarts ?? DEFAULT_FAILED_STARTS;
}

/** Agents of earlier releases, and the Go operator's, answer with something else: nothing is known then. */
async function askDatabases(get: Get, dataDir: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const answer = JSON.parse(await get(HEALTH_PORT, `/databases?dir=${encodeURIComponent(dataDir)}`, signal));
    const { databases = [] } = answer as { databases?: { name: string; broken?: string }[] };
    const broken = databases.filter((database) => typeof database.broken === 'string');
    return broken.length === 0 ? undefined : broken.map(({ name, broken }) => `${name}: ${broken}`).join(', ');
  } catch {
    return undefined;
  }
}

function statusOf(pod: Pod, container: string) {
  return pod.status?.containerStatuses?.find(({ name }) => name === container);
}
