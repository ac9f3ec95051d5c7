/**
 * What is wrong with a spec that the API server has let through. Pure and cheap: the reconciler asks at every pass. TOML is read where it is
 * merged (desired/config.ts), and what the cluster must have is found out by observing it.
 */

import { parseDuration } from '../../formats/duration.ts';
import type { Container } from '../../kube/objects.ts';
import { parseQuantity } from '../../reconcile/quantity.ts';
import type { Problem } from '../problem.ts';
import { claimTemplateOf } from './desired/claims.ts';
import { CHAIN_INIT, NODE } from './desired/node-container.ts';
import { type PortName, portOf } from './desired/ports.ts';
import { claimWanted, type Instance, listInstances, podWanted } from './instances.ts';
import { toName } from './names.ts';
import type { CosmosFullNode, CosmosFullNodeSpec } from './schema.ts';
import { effectiveVersion } from './versions.ts';

const REQUIRED = ['replicas', 'chain', 'podTemplate', 'volumeClaimTemplate'] as const;
const RPC_SERVICE_PORTS: readonly PortName[] = ['api', 'rosetta', 'grpc', 'rpc', 'grpc-web'];

/**
 * Why nothing can be done for a resource at all. Our CRD refuses most of it; the one of the Cosmos Operator, which may still be installed,
 * does not, and it crashes on each (spec cosmos §7.1 B25, B31).
 */
export function findUnusable(fullNode: CosmosFullNode): string[] {
  // A resource without a spec is valid for both CRDs.
  const spec: Partial<CosmosFullNodeSpec> = fullNode.spec ?? {};
  const missing = REQUIRED.filter((member) => spec[member] === undefined);
  if (missing.length > 0) return missing.map((member) => `spec.${member}: must be set`);
  return [...findUnsortedVersions(fullNode), ...findSharedNames(fullNode)];
}

/** What is merely wrong: the rest of the resource is reconciled. `reason` of each is stable. */
export function findProblems(fullNode: CosmosFullNode): Problem[] {
  return [
    ...findMissingImages(fullNode),
    ...findBadBudget(fullNode),
    ...findBadVolumeSizes(fullNode),
    ...findBadServices(fullNode),
    ...findBadDownloads(fullNode),
    ...findBadPruning(fullNode),
    ...findBadAutoScale(fullNode),
    ...findBadServiceAccount(fullNode),
    ...findBadTimeLimit(fullNode),
  ];
}

function findUnsortedVersions({ spec }: CosmosFullNode): string[] {
  const heights = (spec.chain.versions ?? []).map(({ height }) => height);
  return heights.flatMap((height, index) => {
    const before = heights[index - 1];
    if (before === undefined || height >= before) return [];
    return [
      `spec.chain.versions[${index}].height: ${height} comes after ${before}; versions must be in ascending order of height`,
    ];
  });
}

/** Pods that would have the same name. */
function findSharedNames(fullNode: CosmosFullNode): string[] {
  const additional = fullNode.spec.additionalVersionedPods ?? [];
  if (additional.length === 0) return [];
  const owners = new Map(listInstances(fullNode).map(({ name }) => [name, 'an instance']));
  const shared = new Map<string, string>();
  for (const { ordinal } of listInstances(fullNode)) {
    additional.forEach((template, index) => {
      const pod = toName(`${template.name}-${ordinal}`);
      const place = `spec.additionalVersionedPods[${index}]`;
      const owner = owners.get(pod);
      if (owner === undefined) owners.set(pod, place);
      else if (!shared.has(place)) {
        const message = `${place}.name: ${template.name} gives the pod ${pod}, which ${owner} has already; every pod needs a name of its own`;
        shared.set(place, message);
      }
    });
  }
  return [...shared.values()];
}

function findMissingImages(fullNode: CosmosFullNode): Problem[] {
  const { chain, podTemplate } = fullNode.spec;
  if (podTemplate.image !== undefined) return [];
  const hasImage = (containers: Container[] | undefined, wanted: string) =>
    containers?.some(({ name, image }) => name === wanted && image !== undefined) === true;
  if (hasImage(podTemplate.containers, NODE) && hasImage(podTemplate.initContainers, CHAIN_INIT)) return [];
  const lacking = listInstances(fullNode).filter(
    (instance) =>
      podWanted(fullNode, instance) &&
      !instance.override?.image &&
      effectiveVersion(fullNode, fullNode.status?.height?.[instance.name] ?? 0) === undefined,
  );
  if (lacking.length === 0) return [];
  const [first] = chain.versions ?? [];
  const names = lacking.map(({ name }) => name).join(', ');
  return [
    {
      reason: 'ImageMissing',
      message:
        first === undefined
          ? 'spec.podTemplate.image: neither this nor spec.chain.versions says which image to run; set one of them'
          : `spec.podTemplate.image: is needed until height ${first.height}, where spec.chain.versions begins, by ${names}; set it, or begin the versions at height 0`,
    },
  ];
}

function findBadBudget({ spec }: CosmosFullNode): Problem[] {
  const value = spec.strategy?.maxUnavailable;
  const isGood = value === undefined || (typeof value === 'number' ? value >= 0 : /^\+?\d+%$/.test(value));
  if (isGood) return [];
  const message = `spec.strategy.maxUnavailable: ${JSON.stringify(value)} is neither a number of instances such as 1 nor a percentage such as 25%`;
  return [{ reason: 'MaxUnavailableInvalid', message }];
}

function findBadVolumeSizes(fullNode: CosmosFullNode): Problem[] {
  const places = new Map<string, Instance>();
  for (const instance of listInstances(fullNode).filter(claimWanted)) {
    const hasOwn = instance.override?.volumeClaimTemplate?.resources !== undefined;
    const place = hasOwn ? `spec.instanceOverrides[${instance.name}].volumeClaimTemplate` : 'spec.volumeClaimTemplate';
    if (!places.has(place)) places.set(place, instance);
  }
  return [...places].flatMap(([place, instance]) => {
    const { resources, dataSource, autoDataSource } = claimTemplateOf(fullNode, instance);
    const size = resources.requests?.storage;
    const bytes = size === undefined ? undefined : parseQuantity(size);
    const hasSource = dataSource !== undefined || autoDataSource !== undefined;
    if (size === undefined ? hasSource : bytes !== undefined && bytes > 0n) return [];
    const found = size === undefined ? 'is missing' : `${JSON.stringify(size)} is no size`;
    return [
      {
        reason: 'VolumeSizeInvalid',
        message: `${place}.resources.requests.storage: ${found}; set the size of the volume, such as 100Gi`,
      },
    ];
  });
}

function findBadServices(fullNode: CosmosFullNode): Problem[] {
  const { p2pTemplate, rpcTemplate, maxP2PExternalAddresses = 1 } = fullNode.spec.service ?? {};
  const messages: string[] = [];
  const types = { rpcTemplate, ...(maxP2PExternalAddresses > 0 ? { p2pTemplate } : {}) };
  for (const [member, template] of Object.entries(types)) {
    if (template?.type === 'ExternalName')
      messages.push(
        `spec.service.${member}.type: ExternalName needs a name that cannot be given here; use ClusterIP, NodePort or LoadBalancer`,
      );
  }
  const ports = RPC_SERVICE_PORTS.map((name) => ({ name: name as string, key: `TCP ${portOf(fullNode, name)}` }));
  (rpcTemplate?.ports ?? []).forEach(({ name, port, protocol = 'TCP' }, index) => {
    const place = `spec.service.rpcTemplate.ports[${index}]`;
    const key = `${protocol} ${port}`;
    const same = ports.find((other) => other.name === name || other.key === key);
    if (name === undefined) messages.push(`${place}.name: must be set, as the Service has several ports`);
    else if (same !== undefined)
      messages.push(`${place}: ${name} (${key}) is taken by the port ${same.name} (${same.key}); choose another`);
    ports.push({ name: name ?? '', key });
  });
  return messages.map((message) => ({ reason: 'ServiceInvalid', message }));
}

function findBadDownloads({ spec }: CosmosFullNode): Problem[] {
  const { chain } = spec;
  const messages: string[] = [];
  for (const file of ['genesis', 'addrbook', 'snapshot'] as const) {
    const url = chain[`${file}URL`];
    const isUsed = url !== undefined && url !== '' && !chain[`${file}Script`];
    const protocol = isUsed && URL.canParse(url.trim()) ? new URL(url.trim()).protocol : '';
    // The URL is not repeated: it may hold a password.
    if (isUsed && protocol !== 'http:' && protocol !== 'https:')
      messages.push(
        `spec.chain.${file}URL: must begin with http:// or https://; use spec.chain.${file}Script for other ways`,
      );
    if (file !== 'addrbook' && chain[`${file}SHA256`] !== undefined && !isUsed)
      messages.push(
        `spec.chain.${file}SHA256: only the file at spec.chain.${file}URL is held against it, and that is not used; check the file in the script`,
      );
  }
  return messages.map((message) => ({ reason: 'DownloadInvalid', message }));
}

function findBadPruning({ spec }: CosmosFullNode): Problem[] {
  const { strategy: _strategy, ...numbers } = spec.chain.app?.pruning ?? {};
  return Object.entries(numbers).flatMap(([name, value]) =>
    value === undefined || value >= 0
      ? []
      : [{ reason: 'PruningInvalid', message: `spec.chain.app.pruning.${name}: ${value} is negative; use 0 or more` }],
  );
}

function findBadAutoScale({ spec }: CosmosFullNode): Problem[] {
  const autoScale = spec.selfHeal?.pvcAutoScale;
  if (autoScale === undefined) return [];
  const { usedSpacePercentage, increaseQuantity, maxSize } = autoScale;
  const percent = /^\+?(\d+)%$/.exec(increaseQuantity)?.[1];
  const increase = percent === undefined ? (parseQuantity(increaseQuantity) ?? 0n) : BigInt(percent);
  const messages = [
    ...(usedSpacePercentage > 100
      ? [`usedSpacePercentage: ${usedSpacePercentage} is never reached; use a percentage such as 80`]
      : []),
    ...(increase <= 0n
      ? [
          `increaseQuantity: ${JSON.stringify(increaseQuantity)} is neither a percentage such as 20% nor a quantity such as 100Gi`,
        ]
      : []),
    ...(maxSize !== undefined && (parseQuantity(maxSize) ?? 0n) < 0n
      ? [`maxSize: ${maxSize} is negative; use 0 for no bound`]
      : []),
  ];
  return messages.map((message) => ({ reason: 'AutoScaleInvalid', message: `spec.selfHeal.pvcAutoScale.${message}` }));
}

function findBadServiceAccount({ spec }: CosmosFullNode): Problem[] {
  const name = spec.serviceAccountName;
  const isName =
    !name || (name.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name));
  if (isName) return [];
  const message = `spec.serviceAccountName: ${JSON.stringify(name)} cannot be the name of a service account`;
  return [{ reason: 'ServiceAccountInvalid', message }];
}

function findBadTimeLimit({ spec }: CosmosFullNode): Problem[] {
  const { timeLimit } = spec.upgradeSnapshot ?? {};
  if (timeLimit === undefined || (parseDuration(timeLimit) ?? 0) > 0) return [];
  const message = `spec.upgradeSnapshot.timeLimit: ${JSON.stringify(timeLimit)} is no duration above 0; use one such as 90m`;
  return [{ reason: 'TimeLimitInvalid', message }];
}
