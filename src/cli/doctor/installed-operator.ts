/** An operator as its Deployment says that it is run. */
import type { Container, Deployment } from '../../kube/objects.ts';

export type InstalledOperator = {
  deployment: Deployment;
  namespace: string;
  name: string;
  serviceAccount: string;
  /** Undefined where neither a label nor the image tells it. */
  version: string | undefined;
  /** The only ones that it watches; undefined: all. */
  namespaces: string[] | undefined;
  /** The only controllers that it runs, by the names that `--kinds` takes; undefined: all. */
  kinds: string[] | undefined;
  /** Where its Leases are. */
  leaseNamespace: string;
  leaderElection: boolean;
  /** The image that it gives to pods beside nodes; undefined: its release's own. */
  agentImage: string | undefined;
  /** Path in its container. */
  hoprConfig: string | undefined;
};

/** Pure. */
export function readInstallation(deployment: Deployment): InstalledOperator {
  const { namespace = '', name, labels } = deployment.metadata;
  const pod = deployment.spec?.template.spec;
  const container = operatorContainer(deployment);
  const options = parseOptions([...(container?.command ?? []), ...(container?.args ?? [])]);
  const list = (option: string) => options.get(option)?.split(',').filter(Boolean);
  return {
    deployment,
    namespace,
    name,
    serviceAccount: pod?.serviceAccountName ?? 'default',
    version: labels?.['app.kubernetes.io/version'] ?? tagOf(container?.image),
    namespaces: list('namespaces'),
    kinds: list('kinds'),
    leaseNamespace: options.get('operator-namespace') ?? namespace,
    leaderElection: !options.has('no-leader-elect'),
    agentImage: options.get('agent-image'),
    hoprConfig: options.get('hopr-config'),
  };
}

/** The one that runs `nodewright operator`. */
export function operatorContainer(deployment: Deployment): Container | undefined {
  const containers = deployment.spec?.template.spec?.containers ?? [];
  return containers.find(({ command = [], args = [] }) => [...command, ...args].includes('operator')) ?? containers[0];
}

function parseOptions(words: readonly string[]): Map<string, string> {
  const options = new Map<string, string>();
  for (const [index, word] of words.entries()) {
    const [, name = '', value] = /^--([^=]+)(?:=(.*))?$/.exec(word) ?? [];
    if (name === '') continue;
    const next = words[index + 1];
    options.set(name, value ?? (next === undefined || next.startsWith('--') ? '' : next));
  }
  return options;
}

/** Of `host:5000/a/b:1.2@sha256:…` it is 1.2. */
function tagOf(image: string | undefined): string | undefined {
  return /:([^/:@]+)(?:@.*)?$/.exec(image ?? '')?.[1];
}
