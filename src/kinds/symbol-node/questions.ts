/** What a node, and others about it, are asked for: no more than matters for what it does. */
import { parseJson } from '../../formats/json-members.ts';
import { parsePublicKey } from '../../formats/symbol-keys.ts';
import type { Secret } from '../../kube/objects.ts';
import { isProblem, orProblem } from '../problem.ts';
import { followedHashes, needsLinks } from './link-plan.ts';
import type { Observed } from './observe.ts';
import type { Questions } from './rpc/ask.ts';
import type { SymbolNode } from './schema.ts';

const MAX_OTHERS = 5;

export function questionsFor({ spec }: SymbolNode, observed: Observed): Questions {
  const { settings, network, secrets, names } = observed;
  const publicKey = readPublicKey(secrets.get(names.certificates));
  return {
    hasFullRest: settings.api === 'full',
    nodewatch: settings.monitor.nodewatch ?? network.content?.settings.nodewatch,
    others: findOthers(observed),
    ...(needsLinks(settings) && publicKey !== undefined && network.content !== undefined
      ? {
          account: {
            rest: spec.accounts?.rest?.replace(/\/+$/, ''),
            publicKey,
            network: network.content.settings,
            hashes: followedHashes(observed.configMaps.get(names.transaction)),
          },
        }
      : {}),
  };
}

/** Of the main account; undefined where the Secret is spoilt, which shows elsewhere. */
function readPublicKey(secret: Secret | undefined): Uint8Array | undefined {
  const data = secret?.data?.['ca.pubkey.pem'];
  if (data === undefined) return undefined;
  const key = orProblem(
    () => parsePublicKey(Buffer.from(data, 'base64').toString(), 'ca.pubkey.pem'),
    (message) => ({ reason: 'CertificatesInvalid', message }),
  );
  return isProblem(key) ? undefined : key;
}

/** REST of peers, as the node's own file names them. */
function findOthers({ configMaps, names }: Observed): string[] {
  const text = configMaps.get(names.resources)?.data?.['peers-p2p.json'];
  if (text === undefined) return [];
  type File = { knownPeers?: { endpoint?: { host?: string; api_port?: number } }[] };
  const { knownPeers = [] } = parseJson(text, 'peers-p2p.json') as File;
  const urls = knownPeers.flatMap(({ endpoint: { host, api_port: port } = {} }) =>
    host === undefined || port === undefined ? [] : [`${port === 3001 ? 'https' : 'http'}://${host}:${port}`],
  );
  return urls.slice(0, MAX_OTHERS);
}
