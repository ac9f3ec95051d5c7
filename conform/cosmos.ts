/** CosmosFullNode, compared with what the builders of the Cosmos Operator make. */
import { keyPairFromSeed } from '../src/formats/ed25519.ts';
import { encodeNodeKey, nodeId } from '../src/formats/node-key.ts';
import { buildAdditionalPods } from '../src/kinds/cosmos-full-node/desired/additional-pods.ts';
import { buildClaim } from '../src/kinds/cosmos-full-node/desired/claims.ts';
import { buildAppOverlay, buildCometOverlay } from '../src/kinds/cosmos-full-node/desired/config.ts';
import { buildConfigMap } from '../src/kinds/cosmos-full-node/desired/config-map.ts';
import { HELPER_CONTAINERS } from '../src/kinds/cosmos-full-node/desired/helper-containers.ts';
import { announcedPeers } from '../src/kinds/cosmos-full-node/desired/peers.ts';
import { buildPod } from '../src/kinds/cosmos-full-node/desired/pod.ts';
import { buildRbac } from '../src/kinds/cosmos-full-node/desired/rbac.ts';
import { buildServices, externalAddressOf } from '../src/kinds/cosmos-full-node/desired/services.ts';
import { claimWanted, type Instance, listInstances, podWanted } from '../src/kinds/cosmos-full-node/instances.ts';
import type { CosmosFullNode } from '../src/kinds/cosmos-full-node/schema.ts';
import type { Service } from '../src/kube/objects.ts';
import { COSMOS_VECTORS } from './cosmos-vectors.ts';
import { type Family, isJson, type Json } from './family.ts';

const AGENT_IMAGE = 'nodewright';
/** What the goldens' load balancer gave to the first instance. */
const INGRESS = { ip: '203.0.113.7' };
/** Labels and annotations by which an operator knows its own writing. */
const STAMPS = /^app\.kubernetes\.io\/revision$|^cosmos\.strange\.love\/config-checksum$|^nodewright\.dev\//;

export const COSMOS: Family = {
  name: 'cosmos',
  render: (input) => renderObjects(input as CosmosFullNode),
  setAside,
  vectors: COSMOS_VECTORS,
};

function renderObjects(fullNode: CosmosFullNode): Record<string, unknown> {
  const instances = listInstances(fullNode);
  const services = buildServices(fullNode);
  const outside = instances.map(({ p2pServiceName }, index) => {
    const service = services.find(({ metadata }) => metadata.name === p2pServiceName) as Service;
    return externalAddressOf(index === 0 ? { ...service, status: { loadBalancer: { ingress: [INGRESS] } } } : service);
  });
  const addresses = new Map(
    outside.flatMap((found, index) =>
      typeof found === 'object' ? [[instances[index]?.name ?? '', found.address]] : [],
    ),
  );
  const keys = new Map(instances.map(({ name, ordinal }) => [name, keyOfOrdinal(ordinal)]));
  const nodeIds = new Map([...keys].map(([name, key]) => [name, nodeId(key.publicKey)]));
  const heightOf = ({ name }: Instance) => fullNode.status?.height?.[name] ?? 0;
  const claims = instances.filter(claimWanted);
  const rbac = buildRbac(fullNode);
  return {
    services,
    configMaps: instances.map((instance) =>
      buildConfigMap(fullNode, instance, {
        comet: buildCometOverlay(fullNode, instance, { nodeIds, externalAddress: addresses.get(instance.name) }),
        app: buildAppOverlay(fullNode, instance, heightOf(instance)),
        nodeKey: encodeNodeKey(keyOfOrdinal(instance.ordinal)).trimEnd(),
      }),
    ),
    serviceAccounts: rbac.serviceAccount === undefined ? [] : [rbac.serviceAccount],
    roles: [rbac.role],
    roleBindings: [rbac.roleBinding],
    pods: [
      ...instances
        .filter((instance) => podWanted(fullNode, instance))
        .map((instance) => buildPod(fullNode, instance, { agentImage: AGENT_IMAGE, height: heightOf(instance) })),
      ...instances.flatMap((instance) => buildAdditionalPods(fullNode, instance, { height: heightOf(instance) })),
    ],
    pvcsOnCreate: claims.map((instance) => buildClaim(fullNode, instance, {})),
    pvcsWhenExisting: claims.map((instance) => {
      const requested = fullNode.status?.selfHealing?.pvcAutoScaler?.[instance.claimName]?.requestedSize;
      return buildClaim(fullNode, instance, { requestedSize: requested === undefined ? undefined : String(requested) });
    }),
    statusPeers: announcedPeers(fullNode, nodeIds, addresses),
    incompleteExternalAddress: outside.includes('pending'),
  };
}

/** A seed of zeros but for the first byte, which is the ordinal. */
function keyOfOrdinal(ordinal: number) {
  return keyPairFromSeed(Uint8Array.of(ordinal, ...new Uint8Array(31)));
}

function setAside(object: Json): Json {
  const { status: _status, metadata, ...rest } = object;
  const { creationTimestamp: _time, labels, annotations, ...identity } = metadata as Json;
  return {
    ...rest,
    metadata: { ...identity, labels: withoutStamps(labels), annotations: withoutStamps(annotations) },
    ...(object.kind === 'Pod' && isJson(object.spec) ? { spec: withoutHelperPrograms(object.spec) } : {}),
  };
}

function withoutStamps(entries: unknown): Json {
  return Object.fromEntries(Object.entries(isJson(entries) ? entries : {}).filter(([key]) => !STAMPS.test(key)));
}

/** Our helper containers are another program in another image; and the script that runs the chain's `init` is our own. */
function withoutHelperPrograms(spec: Json): Json {
  const strip = (list: unknown) =>
    (Array.isArray(list) ? (list as Json[]) : []).map((container) => {
      const { image: _image, command: _command, args, ...rest } = container;
      if (HELPER_CONTAINERS.has(String(container.name))) return rest;
      if (container.name !== 'chain-init' || !Array.isArray(args) || args[0] !== '-c') return container;
      return { ...container, args: ['-c', 'script', ...args.slice(2)] };
    });
  return { ...spec, initContainers: strip(spec.initContainers), containers: strip(spec.containers) };
}
