/** Catapult's and REST's configuration as objects: open files in ConfigMaps, files with private keys in a Secret. */
import { FormatError } from '../../../formats/format-error.ts';
import type { NetworkPackage } from '../../../formats/symbol-network-package.ts';
import type { ConfigMap } from '../../../kube/objects.ts';
import { CONFIG_MAPS, SECRETS } from '../../../kube/resource-types.ts';
import type { Desired } from '../../../reconcile/diff.ts';
import { isProblem, orProblem, type Problem } from '../../problem.ts';
import type { Identity } from '../identities.ts';
import type { Observed } from '../observe.ts';
import type { SymbolNode } from '../schema.ts';
import { buildSecret } from './key-secrets.ts';
import { childMetadata } from './metadata.ts';
import { choosePeers, type Peer, type PeerRole, renderPeersFile } from './peers.ts';
import { buildResources } from './resources.ts';
import { buildRestConfig } from './rest.ts';

export type Configuration = {
  desired: Desired[];
  /** What the processes read, without the peers: another text restarts the node. */
  asked: Record<string, unknown>;
};

/** Everything, or what is wrong with the spec or the package: then nothing of it is written, and the node goes on with what it has. */
export function buildConfiguration(
  resource: SymbolNode,
  observed: Observed,
  content: NetworkPackage,
  { harvester }: Identity,
): Configuration | Problem {
  const { names, settings } = observed;
  const peers = buildPeersFiles(resource, observed);
  const configuration = orProblem(
    (): Configuration => {
      const files = buildResources(content, {
        features: [...settings.features],
        lightApi: settings.api === 'light',
        host: resource.spec.hostName,
        friendlyName: resource.spec.friendlyName,
        ...(harvester === undefined
          ? {}
          : { harvesting: { signingKey: harvester.remote.seed, vrfKey: harvester.vrf.seed } }),
        overrides: settings.overrides,
      });
      const rest =
        settings.api === 'none'
          ? undefined
          : buildRestConfig(content, settings.api === 'light', resource.spec.restOverrides ?? {});
      const open = Object.fromEntries(files.open);
      const secret = Object.fromEntries(files.secret);
      const mongo = Object.fromEntries(content.mongo);
      const map = (name: string, data: Record<string, string>, purpose: string): Desired => ({
        type: CONFIG_MAPS,
        write: 'apply',
        object: buildConfigMap(resource, observed, name, { data }),
        purpose,
      });
      return {
        desired: [
          map(names.resources, { ...open, ...(isProblem(peers) ? {} : peers) }, 'the configuration of the node'),
          ...(files.secret.size === 0
            ? []
            : [
                {
                  type: SECRETS,
                  write: 'apply' as const,
                  object: buildSecret(resource, observed, names.harvesting, secret, true),
                  purpose: 'the configuration with the keys by which the node harvests',
                },
              ]),
          ...(rest === undefined ? [] : [map(names.rest, { 'rest.json': rest }, 'the configuration of REST')]),
          ...(settings.api === 'full' ? [map(names.mongo, mongo, 'the scripts that prepare the database')] : []),
        ],
        asked: { resources: open, harvesting: secret, rest },
      };
    },
    (message) => ({ reason: message.startsWith('spec.overrides') ? 'OverrideInvalid' : 'PackageInvalid', message }),
  );
  // What a person has to mend comes before what may come by itself.
  return isProblem(configuration) || !isProblem(peers) ? configuration : peers;
}

export function buildConfigMap(
  resource: SymbolNode,
  { names }: Pick<Observed, 'names'>,
  name: string,
  content: Pick<ConfigMap, 'data' | 'binaryData'>,
  annotations: Record<string, string> = {},
): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: childMetadata(resource, name, { node: names.node, component: 'network', owned: true, annotations }),
    ...content,
  };
}

/** As they were written first: a node that has run knows its peers better than any list. */
function buildPeersFiles(resource: SymbolNode, observed: Observed): Record<string, string> | Problem {
  const roles: PeerRole[] = ['p2p', ...(observed.settings.api === 'full' ? (['api'] as const) : [])];
  const files = roles.map((role) => [`peers-${role}.json`, buildPeersFile(resource, observed, role)] as const);
  return files.map(([, text]) => text).find(isProblem) ?? (Object.fromEntries(files) as Record<string, string>);
}

function buildPeersFile(resource: SymbolNode, observed: Observed, role: PeerRole): string | Problem {
  const { names, configMaps, peers } = observed;
  const given = resource.spec.peers;
  if (given !== undefined) return renderPeersFile(given.filter((peer) => isOfRole(peer.roles, role)).map(toPeer), role);
  const existing = configMaps.get(names.resources)?.data?.[`peers-${role}.json`];
  if (existing !== undefined) return existing;
  const fetched = peers.get(role === 'p2p' ? 'peer' : 'api');
  if (fetched === undefined) return renderPeersFile([], role);
  if (fetched.value === undefined)
    return {
      reason: 'PeersUnknown',
      message: `the node needs the names of others to begin with: ${fetched.error ?? 'nodewatch is being asked'}; spec.peers can name some`,
    };
  try {
    return renderPeersFile(choosePeers(fetched.value, role, names.node, 'nodewatch'), role);
  } catch (error) {
    if (error instanceof FormatError) return { reason: 'PeersUnknown', message: error.message };
    throw error;
  }
}

type GivenPeer = NonNullable<SymbolNode['spec']['peers']>[number];

function isOfRole(roles = 'Peer', role: PeerRole): boolean {
  return roles.split(',').some((name) => name.trim() === (role === 'p2p' ? 'Peer' : 'Api'));
}

function toPeer({ publicKey, host, port = 7900, name = '', roles = 'Peer' }: GivenPeer): Peer {
  return { publicKey: publicKey.toUpperCase(), endpoint: { host, port }, metadata: { name, roles } };
}
