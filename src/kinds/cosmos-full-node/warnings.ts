/** What is strange about a spec and can be done all the same; mostly what is of no effect. */
import { findNearestName } from '../../formats/nearest-name.ts';
import { listInstances } from './instances.ts';
import { toName } from './names.ts';
import type { CosmosFullNode } from './schema.ts';

/** Sentences with the path of the field in front. */
export function findWarnings(fullNode: CosmosFullNode): string[] {
  return [
    ...findIdleOverrides(fullNode),
    ...findBadListenAddresses(fullNode),
    ...findIdleVersions(fullNode),
    ...findIdleServiceMembers(fullNode),
  ];
}

function findIdleOverrides(fullNode: CosmosFullNode): string[] {
  const { additionalVersionedPods = [], instanceOverrides = {} } = fullNode.spec;
  const instances = listInstances(fullNode);
  const names = new Set([
    ...instances.map(({ name }) => name),
    ...instances.flatMap(({ ordinal }) => additionalVersionedPods.map(({ name }) => toName(`${name}-${ordinal}`))),
  ]);
  return Object.keys(instanceOverrides)
    .filter((name) => !names.has(name))
    .map((name) => {
      const nearest = findNearestName(name, names);
      const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
      return `spec.instanceOverrides[${name}]: of no effect, as there is no instance of that name${hint}`;
    });
}

function findBadListenAddresses({ spec }: CosmosFullNode): string[] {
  return (['rpcListenAddress', 'p2pListenAddress'] as const).flatMap((member) => {
    const address = spec.chain.config?.[member];
    const port = Number(/:(\d{1,5})$/.exec(address ?? '')?.[1]);
    if (!address || (port >= 1 && port <= 65535)) return [];
    const standard = member === 'rpcListenAddress' ? 26657 : 26656;
    return [
      `spec.chain.config.${member}: ${JSON.stringify(address)} does not end with a port; Services and probes use ${standard}`,
    ];
  });
}

function findIdleVersions({ spec }: CosmosFullNode): string[] {
  const { versions = [], app } = spec.chain;
  const repeated = versions.flatMap(({ height }, index) =>
    versions[index + 1]?.height === height
      ? [`spec.chain.versions[${index}]: never runs, as the next one begins at height ${height} too`]
      : [],
  );
  return [
    ...repeated,
    ...(spec.upgradeSnapshot !== undefined && versions.length === 0
      ? ['spec.upgradeSnapshot: of no effect without spec.chain.versions']
      : []),
    ...(versions.length > 0 && app?.haltHeight
      ? ['spec.chain.app.haltHeight: of no effect beside spec.chain.versions; use setHaltHeight there']
      : []),
  ];
}

function findIdleServiceMembers({ spec }: CosmosFullNode): string[] {
  const { p2pTemplate, rpcTemplate } = spec.service ?? {};
  const isLocal = (rpcTemplate?.type ?? 'ClusterIP') === 'ClusterIP';
  return [
    ...(p2pTemplate?.ports?.length ? ['spec.service.p2pTemplate.ports: of no effect; a p2p Service has one port'] : []),
    ...(isLocal && rpcTemplate?.externalTrafficPolicy !== undefined
      ? ['spec.service.rpcTemplate.externalTrafficPolicy: of no effect with type ClusterIP']
      : []),
  ];
}
