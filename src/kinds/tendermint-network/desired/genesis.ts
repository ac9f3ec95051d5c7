/**
 * The genesis of a network: made once from the spec and the validators' keys, kept in an immutable ConfigMap that outlives the network,
 * or taken from a ConfigMap of the user's. A node ignores every later change of it (spec tendermint B2.3.8), so there is none.
 */
import { buildGenesis, genesisHash, parseGenesis, renderGenesis } from '../../../formats/genesis.ts';
import type { Secret } from '../../../kube/objects.ts';
import { CONFIG_MAPS } from '../../../kube/resource-types.ts';
import { toWireTime } from '../../../reconcile/conditions.ts';
import type { Desired } from '../../../reconcile/diff.ts';
import { stampOf } from '../../../reconcile/stamp.ts';
import { isProblem, orProblem, type Problem } from '../../problem.ts';
import { appSecretName, type Identities, readAppPublicKey } from '../identities.ts';
import { listMembers, objectNameOf } from '../members.ts';
import type { Observed } from '../observe.ts';
import type { TendermintNetwork } from '../schema.ts';
import { childMetadata } from './metadata.ts';

const GENESIS_FILE = 'genesis.json';
export const APP_GENESIS_FILE = 'app_genesis.json';
const ANNOTATION_ASKED = 'nodewright.dev/genesis-asked';
/** On a claim: hash of the genesis that its node began with. */
export const ANNOTATION_GENESIS = 'nodewright.dev/genesis';
/** etcd and the API server refuse larger objects; a ConfigMap may hold 1 MiB. */
const MAX_BYTES = 1_000_000;

export type Genesis = {
  hash: string;
  configMap: string;
  file: string;
  validators: { publicKeyBase64: string; power: bigint }[];
};

export type GenesisResult = {
  /** What the pods mount; absent while it cannot be made. */
  genesis?: Genesis;
  /** Our own ConfigMap; absent where the user brings the genesis and the application needs none. */
  desired?: Desired;
  problem?: Problem;
};

/** The genesis, unless it is another one than that which the nodes began with. */
export function resolveGenesis(
  network: TendermintNetwork,
  identities: Identities,
  observed: Observed,
  appSecrets: readonly Desired[],
  now: Date,
): GenesisResult {
  const result = findOrMakeGenesis(network, identities, observed, appSecrets, now);
  const begunWith = [...observed.claims.values()].flatMap(
    (claim) => claim.metadata.annotations?.[ANNOTATION_GENESIS] ?? [],
  )[0];
  if (result.genesis === undefined || begunWith === undefined || begunWith === result.genesis.hash) return result;
  const { configMap } = result.genesis;
  const isMade = !observed.configMaps.has(configMap) && network.spec.genesis?.configMap === undefined;
  const found = isMade
    ? `ConfigMap ${configMap} with the genesis of this network is gone, and what the spec gives now is another one`
    : `ConfigMap ${configMap} holds another genesis than the one that this network began with`;
  return {
    problem: {
      reason: 'GenesisLost',
      message: `${found} (SHA-256 ${result.genesis.hash}, need ${begunWith}): new nodes could not join. Bring it back from a backup, with its labels; a running node still has the file at /genesis/genesis.json`,
    },
  };
}

function findOrMakeGenesis(
  network: TendermintNetwork,
  identities: Identities,
  observed: Observed,
  appSecrets: readonly Desired[],
  now: Date,
): GenesisResult {
  const name = objectNameOf(network, 'genesis');
  const stored = observed.configMaps.get(name);
  const joined = network.spec.genesis?.configMap;
  const asked = stampOf([network.spec.chainId, network.spec.genesis ?? {}, network.spec.app?.genesis ?? {}]);
  if (stored !== undefined) {
    const result =
      joined === undefined
        ? readGenesis(network, name, GENESIS_FILE, stored.data ?? {})
        : joinGenesis(network, observed);
    const desired = wrap(network, name, stored.data ?? {}, stored.metadata.annotations ?? {});
    if (stored.metadata.annotations?.[ANNOTATION_ASKED] === asked || result.problem !== undefined)
      return { ...result, desired };
    const problem: Problem = {
      reason: 'GenesisChanged',
      message: `ConfigMap ${name} holds the genesis that this network was made with, and the spec now asks for another one: put chainId, genesis and app.genesis back as they were, or, to begin a new chain, delete this network with deletionPolicy Delete first`,
    };
    return { ...result, desired, problem };
  }
  const data: Record<string, string> = {};
  const unready = identities.problems.find((problem) => problem.node !== undefined);
  if (joined === undefined && unready !== undefined) {
    return {
      problem: { reason: 'GenesisWaits', message: `the genesis needs the key of every validator: ${unready.message}` },
    };
  }
  if (joined === undefined) {
    const text = orProblem(() => renderGenesis(buildGenesis(genesisSpec(network, identities, now))), refusal);
    if (isProblem(text)) return { problem: text };
    data[GENESIS_FILE] = text;
  }
  if (network.spec.app?.genesis !== undefined) {
    data[APP_GENESIS_FILE] =
      `${JSON.stringify(placeKeys(network.spec.app.genesis, appKeysOf(network, observed, appSecrets)), null, 2)}\n`;
  }
  if (Object.values(data).join('').length > MAX_BYTES) {
    return { problem: refusal(`it has more than ${MAX_BYTES} bytes, which no ConfigMap can hold; shorten appState`) };
  }
  const result = joined === undefined ? readGenesis(network, name, GENESIS_FILE, data) : joinGenesis(network, observed);
  return Object.keys(data).length === 0
    ? result
    : { ...result, desired: wrap(network, name, data, { [ANNOTATION_ASKED]: asked }) };
}

function genesisSpec(
  network: TendermintNetwork,
  identities: Identities,
  now: Date,
): Parameters<typeof buildGenesis>[0] {
  const { chainId, genesis = {} } = network.spec;
  return {
    chainId,
    genesisTime: genesis.time ?? network.metadata.creationTimestamp ?? toWireTime(now),
    ...(genesis.initialHeight === undefined ? {} : { initialHeight: BigInt(genesis.initialHeight) }),
    ...(genesis.consensusParams === undefined ? {} : { consensusParams: genesis.consensusParams }),
    ...(genesis.appState === undefined ? {} : { appState: genesis.appState }),
    ...(genesis.appHash === undefined ? {} : { appHash: genesis.appHash }),
    validators: listMembers(network).flatMap((member) => {
      const validator = identities.byName.get(member.name)?.validator;
      return validator === undefined
        ? []
        : [{ name: member.name, publicKey: validator.publicKey, power: member.power }];
    }),
  };
}

function joinGenesis(network: TendermintNetwork, observed: Observed): GenesisResult {
  const { name, key = GENESIS_FILE } = network.spec.genesis?.configMap ?? { name: '' };
  if (observed.joinedGenesis === undefined) {
    return {
      problem: {
        reason: 'GenesisMissing',
        message: `ConfigMap ${name}, which spec.genesis.configMap names, does not exist`,
      },
    };
  }
  return readGenesis(network, name, key, observed.joinedGenesis.data ?? {});
}

function readGenesis(
  network: TendermintNetwork,
  configMap: string,
  file: string,
  data: Record<string, string>,
): GenesisResult {
  const text = data[file];
  if (text === undefined) {
    return { problem: { reason: 'GenesisMissing', message: `ConfigMap ${configMap} has no member ${file}` } };
  }
  const parsed = orProblem(
    () => parseGenesis(text),
    (message) => ({ reason: 'GenesisUnusable', message: `ConfigMap ${configMap}, ${message}` }),
  );
  if (isProblem(parsed)) return { problem: parsed };
  if (parsed.chainId !== network.spec.chainId) {
    const message = `ConfigMap ${configMap} holds the genesis of chain ${parsed.chainId}, and spec.chainId is ${network.spec.chainId}`;
    return { problem: { reason: 'GenesisChanged', message } };
  }
  return { genesis: { hash: genesisHash(text), configMap, file, validators: parsed.validators } };
}

function refusal(message: string): Problem {
  return { reason: 'GenesisRefused', message: `no genesis can be made from the spec: ${message}` };
}

function wrap(
  network: TendermintNetwork,
  name: string,
  data: Record<string, string>,
  annotations: Record<string, string>,
): Desired {
  return {
    type: CONFIG_MAPS,
    write: 'create',
    purpose: `genesis of chain ${network.spec.chainId}`,
    object: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: childMetadata(network, name, { role: 'network', owned: false, annotations }),
      immutable: true,
      data,
    } as Desired['object'],
  };
}

/** Public keys of the application by name of node and of pod, also of Secrets that are about to be created. */
function appKeysOf(
  network: TendermintNetwork,
  observed: Observed,
  appSecrets: readonly Desired[],
): Map<string, unknown> {
  const made = new Map(appSecrets.map((desired) => [desired.object.metadata.name, desired.object as Secret]));
  return new Map(
    listMembers(network).flatMap((member) => {
      const name = appSecretName(network, member.name);
      const key = readAppPublicKey(observed.secrets.get(name) ?? made.get(name));
      return key === undefined ? [] : [[member.name, key] as const, [member.objectName, key] as const];
    }),
  );
}

/** As mintnet's basecoin example has it: `pub_key: "<node>"` stands for that node's key. */
function placeKeys(value: unknown, keys: Map<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((entry) => placeKeys(entry, keys));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      name === 'pub_key' && typeof member === 'string' && keys.has(member) ? keys.get(member) : placeKeys(member, keys),
    ]),
  );
}
