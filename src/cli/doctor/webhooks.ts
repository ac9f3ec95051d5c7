/** Admission webhooks of others that keep us from writing: those that must answer, and cannot. */
import { KINDS } from '../../kinds/index.ts';
import type { Kube } from '../../kube/kube.ts';
import type { KubeObject } from '../../kube/objects.ts';
import {
  ENDPOINT_SLICES,
  MUTATING_WEBHOOK_CONFIGURATIONS,
  NAMESPACES,
  VALIDATING_WEBHOOK_CONFIGURATIONS,
} from '../../kube/resource-types.ts';
import { rulesOfKind } from '../operator-rules.ts';
import { type Finding, listSome } from './finding.ts';
import { describeObject, type Surroundings } from './surroundings.ts';

type Selector = {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
};
type Webhook = {
  name: string;
  failurePolicy?: 'Fail' | 'Ignore';
  timeoutSeconds?: number;
  rules?: { apiGroups?: string[]; resources?: string[]; operations?: string[] }[];
  namespaceSelector?: Selector;
  clientConfig: { url?: string; service?: { namespace: string; name: string } };
};
type Configuration = KubeObject & { webhooks?: Webhook[] };
type EndpointSlice = KubeObject & { endpoints?: { conditions?: { ready?: boolean } }[] | null };
type Write = { group: string; resource: string; operation: string };

export async function checkWebhooks({ kube, resources, operatorNamespace }: Surroundings): Promise<Finding[]> {
  const configurations = [
    ...(await kube.list<Configuration>(VALIDATING_WEBHOOK_CONFIGURATIONS)),
    ...(await kube.list<Configuration>(MUTATING_WEBHOOK_CONFIGURATIONS)),
  ];
  const ours = new Set([operatorNamespace, ...resources.map(({ object }) => object.metadata.namespace ?? '')]);
  const namespaces = (await kube.list<KubeObject>(NAMESPACES)).filter(({ metadata }) => ours.has(metadata.name));
  const writes = listWrites();
  const findings: Finding[] = [];
  let concerned = 0;
  for (const configuration of configurations) {
    for (const webhook of configuration.webhooks ?? []) {
      const held = writes.filter((write) => concerns(webhook, write));
      const where = namespaces.filter(({ metadata }) => isSelected(webhook.namespaceSelector, metadata.labels ?? {}));
      if (held.length === 0 || where.length === 0) continue;
      concerned++;
      const trouble = await whyUnreachable(kube, webhook);
      if (trouble === undefined) continue;
      findings.push({
        check: 'webhooks',
        ...describe(configuration, webhook, trouble, held, where),
      });
    }
  }
  if (findings.length > 0) return findings;
  const message =
    concerned === 0
      ? 'none has to do with what the operator writes'
      : `${concerned} have to do with what the operator writes, and all can be reached`;
  return [{ check: 'webhooks', level: 'ok', message }];
}

function describe(
  configuration: Configuration,
  webhook: Webhook,
  trouble: string,
  held: readonly Write[],
  where: readonly KubeObject[],
): Pick<Finding, 'level' | 'subject' | 'message' | 'fix'> {
  const subject = `${describeObject(configuration)}, webhook ${webhook.name}`;
  const what = listSome([...new Set(held.map(({ resource, operation }) => `${operation} ${resource}`))], 3);
  const places = listSome(
    where.map(({ metadata }) => metadata.name),
    3,
  );
  const fix = `bring its Service back, exclude these namespaces by its namespaceSelector, or delete the configuration if what it belongs to is gone`;
  if (webhook.failurePolicy === 'Ignore') {
    const seconds = webhook.timeoutSeconds ?? 10;
    return { level: 'warning', subject, message: `${trouble}: ${what} in ${places} may take ${seconds} s longer`, fix };
  }
  return { level: 'error', subject, message: `${trouble}, and it must answer: ${what} in ${places} fails`, fix };
}

/** Whatever the operator or, for pods, a controller of Kubernetes writes for it. */
function listWrites(): Write[] {
  const rules = KINDS.flatMap(rulesOfKind);
  return [
    { group: '', resource: 'pods', operation: 'CREATE' },
    ...rules.flatMap(({ apiGroups, resources, verbs }) => {
      const operations = [...new Set(verbs.flatMap((verb) => OPERATIONS[verb] ?? []))];
      return apiGroups.flatMap((group) =>
        resources.flatMap((resource) => operations.map((operation) => ({ group, resource, operation }))),
      );
    }),
  ];
}

const OPERATIONS: Record<string, string[]> = {
  create: ['CREATE'],
  // Server-side apply makes what is not there.
  patch: ['CREATE', 'UPDATE'],
  update: ['UPDATE'],
  delete: ['DELETE'],
};

/** Pure. */
export function concerns({ rules = [] }: Pick<Webhook, 'rules'>, { group, resource, operation }: Write): boolean {
  const [name = '', subresource] = resource.split('/');
  return rules.some(
    ({ apiGroups = [], resources = [], operations = [] }) =>
      apiGroups.some((pattern) => pattern === '*' || pattern === group) &&
      operations.some((pattern) => pattern === '*' || pattern === operation) &&
      resources.some((pattern) => {
        const [wanted, sub] = pattern.split('/');
        return (
          (wanted === '*' || wanted === name) &&
          (sub === undefined ? subresource === undefined : sub === '*' || sub === subresource)
        );
      }),
  );
}

/** Pure. */
export function isSelected(selector: Selector | undefined, labels: Record<string, string>): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      switch (operator) {
        case 'In':
          return value !== undefined && values.includes(value);
        case 'NotIn':
          return value === undefined || !values.includes(value);
        case 'Exists':
          return value !== undefined;
        case 'DoesNotExist':
          return value === undefined;
        default:
          return true;
      }
    })
  );
}

/** Of a URL nobody but the API server can tell. */
async function whyUnreachable(kube: Kube, { clientConfig: { service } }: Webhook): Promise<string | undefined> {
  if (service === undefined) return undefined;
  const slices = await kube.list<EndpointSlice>(ENDPOINT_SLICES, {
    namespace: service.namespace,
    labelSelector: `kubernetes.io/service-name=${service.name}`,
  });
  const isReady = slices.some(({ endpoints }) =>
    (endpoints ?? []).some(({ conditions }) => conditions?.ready !== false),
  );
  return isReady ? undefined : `Service ${service.namespace}/${service.name} has no pod that is ready`;
}
