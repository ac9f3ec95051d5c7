/** What is no part of the comparison with goldens of a live run: what the API server filled in, and scripts that are our own. */
import { isJson, type Json } from './family.ts';

/** Members that hold what the API server fills in when nobody says anything else. */
const DEFAULTS: Record<string, unknown> = {
  dnsPolicy: 'ClusterFirst',
  internalTrafficPolicy: 'Cluster',
  ipFamilyPolicy: 'SingleStack',
  progressDeadlineSeconds: 600,
  revisionHistoryLimit: 10,
  schedulerName: 'default-scheduler',
  scheme: 'HTTP',
  sessionAffinity: 'None',
  successThreshold: 1,
  suspend: false,
  terminationGracePeriodSeconds: 30,
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  timeoutSeconds: 1,
  volumeMode: 'Filesystem',
};
/** Members that the API server or a controller sets. */
const SERVER_SET: ReadonlySet<string> = new Set(['clusterIP', 'clusterIPs', 'finalizers', 'ipFamilies', 'status']);
/** Where an empty map says no more than nothing. */
const EMPTY_MAPS: ReadonlySet<string> = new Set(['metadata', 'resources', 'securityContext']);
const STAMPS = /^nodewright\.dev\//;
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

export function withoutServerFields(object: Json): Json {
  return strip(object) as Json;
}

function strip(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strip);
  if (!isJson(value)) return value;
  const members = Object.entries(value)
    .filter(([name, member]) => !SERVER_SET.has(name) && !(name in DEFAULTS && DEFAULTS[name] === member))
    .filter(([name]) => !STAMPS.test(name))
    .map(([name, member]) => [name, name === LAST_APPLIED ? withoutUids(String(member)) : strip(member)] as const)
    .filter(([name, member]) => !(EMPTY_MAPS.has(name) && isJson(member) && Object.keys(member).length === 0))
    .filter(([name, member]) => !isRepeated(name, member, value));
  return withoutScript(Object.fromEntries(members));
}

function isRepeated(name: string, member: unknown, { serviceAccountName, image, containers }: Json): boolean {
  if (name === 'serviceAccount') return member === serviceAccountName;
  if (name === 'imagePullPolicy') return member === defaultPullPolicy(String(image));
  return name === 'restartPolicy' && member === 'Always' && containers !== undefined;
}

function defaultPullPolicy(image: string): string {
  const [, tag] = /:([^:/]+)$/.exec(image) ?? [];
  return tag === undefined || tag === 'latest' ? 'Always' : 'IfNotPresent';
}

/** The goldens leave the scripts out too. */
function withoutScript(members: Json): Json {
  const isScript = Array.isArray(members.command) && members.command.at(-1) === '-c';
  return isScript ? { ...members, args: ['SCRIPT'] } : members;
}

function withoutUids(json: string): string {
  return json.replace(/"uid":"[^"]*"/g, '"uid":"<uid>"');
}
