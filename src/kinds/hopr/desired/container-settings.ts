/** What `spec.deployment` says of the container of hoprd: texts in YAML, each with a default (spec hopr §3.7). */
import { z } from 'zod';
import { FormatError } from '../../../formats/format-error.ts';
import type { Container, ResourceRequirements } from '../../../kube/objects.ts';
import { parseQuantity } from '../../../reconcile/quantity.ts';
import type { DeploymentTexts } from '../schema.ts';
import { type Reading, readYamlMember } from './yaml-member.ts';

export type EnvVar = NonNullable<Container['env']>[number];
type Probe = NonNullable<Container['livenessProbe']>;

export type ContainerSettings = {
  /** The operator's defaults that the user did not replace, then the user's, in their order. */
  env: EnvVar[];
  resources: ResourceRequirements;
  startupProbe: Probe;
  livenessProbe: Probe;
  readinessProbe: Probe;
};

/** Also of the containers that send funds. */
export const DEFAULT_RESOURCES: ResourceRequirements = {
  limits: { cpu: '1500m', memory: '2Gi' },
  requests: { cpu: '750m', memory: '512Mi' },
};

export const API_PORT = 3001;

const DEFAULT_ENV: readonly EnvVar[] = [
  { name: 'RUST_BACKTRACE', value: 'full' },
  { name: 'RUST_LOG', value: 'info' },
  { name: 'HOPRD_LOG_FORMAT', value: 'json' },
  { name: 'HOPRD_MAX_RPC_REQUESTS_PER_SEC', value: '1000' },
];

/** A text, which YAML makes a number or a truth value of when it is not quoted. */
const quoted = () =>
  z.string({
    error: ({ input }) =>
      input === undefined
        ? 'must be set'
        : `must be a text, not a ${typeof input === 'object' ? 'structure' : typeof input}; put it in quotes`,
  });

const envSchema = z.array(
  z.strictObject({
    name: quoted().regex(/^[-._a-zA-Z][-._a-zA-Z0-9]*$/, 'is no name of an environment variable'),
    value: quoted().nullish(),
    value_from: z
      .strictObject({ secret_key_ref: z.strictObject({ name: quoted(), key: quoted() }) })
      .nullish()
      .describe('in the form of the HOPR operator, not that of Kubernetes'),
  }),
  'must be a list of {name, value} or {name, value_from}',
);

const quantity = () =>
  z
    .union([z.string(), z.number()], 'must be a quantity such as 500m or 2Gi')
    .transform(String)
    .refine((text) => parseQuantity(text) !== undefined, 'must be a quantity such as 500m or 2Gi');

const amounts = () => z.record(z.string(), quantity(), 'must be a map such as {cpu: 500m}').nullish();

const resourcesSchema = z.strictObject(
  {
    limits: amounts(),
    requests: amounts(),
    claims: z.array(z.strictObject({ name: z.string(), request: z.string().nullish() })).nullish(),
  },
  'must have limits, requests or both',
);

const portOrName = () => z.union([z.int().min(1).max(65_535), z.string()], 'must be a number of a port or its name');
const count = () => z.int('must be a whole number').min(0, 'must not be negative').nullish();

const probeSchema = z
  .strictObject(
    {
      httpGet: z
        .strictObject({
          path: z.string().nullish(),
          port: portOrName(),
          host: z.string().nullish(),
          scheme: z.enum(['HTTP', 'HTTPS'], 'must be HTTP or HTTPS').nullish(),
          httpHeaders: z.array(z.strictObject({ name: quoted(), value: quoted() })).nullish(),
        })
        .nullish(),
      tcpSocket: z.strictObject({ port: portOrName(), host: z.string().nullish() }).nullish(),
      grpc: z.strictObject({ port: z.int(), service: z.string().nullish() }).nullish(),
      exec: z.strictObject({ command: z.array(quoted()).nullish() }).nullish(),
      initialDelaySeconds: count(),
      periodSeconds: count(),
      timeoutSeconds: count(),
      successThreshold: count(),
      failureThreshold: count(),
      terminationGracePeriodSeconds: count(),
    },
    'must be a probe as in a pod, such as {httpGet: {path: /readyz, port: 3001}}',
  )
  .refine(
    ({ httpGet, tcpSocket, grpc, exec }) => [httpGet, tcpSocket, grpc, exec].filter(isSet).length === 1,
    'must have exactly one of httpGet, tcpSocket, grpc and exec',
  );

/** Throws a FormatError that tells everything that keeps the texts from being used. */
export function containerSettingsOf(texts: DeploymentTexts | undefined): ContainerSettings {
  const read = readAll(texts);
  const faults = faultsIn(read);
  if (faults.length > 0) throw new FormatError(faults.join('; '));
  return {
    env: mergeEnv(read.env.value ?? []),
    resources: (withoutNulls(read.resources.value) as ResourceRequirements | undefined) ?? DEFAULT_RESOURCES,
    startupProbe: probeOf(read.startupProbe, '/startedz', 15, 240),
    livenessProbe: probeOf(read.livenessProbe, '/healthyz', 5, 3),
    readinessProbe: probeOf(read.readinessProbe, '/readyz', 15, 240),
  };
}

/** Everything that is wrong with the texts: what keeps them from being used, and what in them counts for nothing. */
export function findTextProblems(texts: DeploymentTexts | undefined): { faults: string[]; oversights: string[] } {
  const read = readAll(texts);
  return { faults: faultsIn(read), oversights: Object.values(read).flatMap(({ oversights }) => oversights) };
}

function readAll(texts: DeploymentTexts = {}) {
  const place = (member: keyof DeploymentTexts) => `spec.deployment.${member}`;
  const probe = (member: 'startupProbe' | 'livenessProbe' | 'readinessProbe') =>
    readYamlMember(probeSchema, texts[member], place(member));
  return {
    env: readYamlMember(envSchema, texts.env, place('env')),
    resources: readYamlMember(resourcesSchema, texts.resources, place('resources')),
    startupProbe: probe('startupProbe'),
    livenessProbe: probe('livenessProbe'),
    readinessProbe: probe('readinessProbe'),
  };
}

function faultsIn(read: ReturnType<typeof readAll>): string[] {
  return Object.values(read).flatMap(({ faults }) => faults);
}

/** A name that is given twice has its last value, as in a shell. */
function mergeEnv(given: z.infer<typeof envSchema>): EnvVar[] {
  const last = new Map(given.map((entry) => [entry.name, entry]));
  return [
    ...DEFAULT_ENV.filter(({ name }) => !last.has(name)),
    ...[...last.values()].map(({ name, value, value_from }) => ({
      name,
      ...(isSet(value) ? { value } : {}),
      ...(isSet(value_from) ? { valueFrom: { secretKeyRef: value_from.secret_key_ref } } : {}),
    })),
  ];
}

/** A probe of the user takes the place of the whole default. */
function probeOf(
  { value }: Reading<z.infer<typeof probeSchema>>,
  path: string,
  periodSeconds: number,
  failureThreshold: number,
): Probe {
  if (value !== undefined) return withoutNulls(value) as Probe;
  return { httpGet: { path, port: API_PORT }, failureThreshold, periodSeconds, successThreshold: 1, timeoutSeconds: 5 };
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (value === null || typeof value !== 'object') return value;
  const members = Object.entries(value).filter(([, member]) => isSet(member));
  return Object.fromEntries(members.map(([name, member]) => [name, withoutNulls(member)]));
}

function isSet<T>(value: T | null | undefined): value is T {
  return value !== undefined && value !== null;
}
