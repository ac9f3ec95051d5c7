/**
 * The keys of a node: of its main account (the CA key), of its TLS (the node key), and those by which it harvests. What exists is never
 * made anew; what the user brings comes before what we make.
 */
import { generateKeyPair, type KeyPair } from '../../formats/ed25519.ts';
import { type Certificates, readCertificates } from '../../formats/symbol-certificates.ts';
import { parsePrivateKey } from '../../formats/symbol-keys.ts';
import { parseProperties, readProperty } from '../../formats/symbol-properties.ts';
import type { Secret } from '../../kube/objects.ts';
import { isProblem, orProblem, type Problem } from '../problem.ts';
import type { Observed } from './observe.ts';
import type { SymbolNode } from './schema.ts';

export const CA_KEY_FILE = 'ca.key.pem';
const REMOTE_FILE = 'remote.pem';
const VRF_FILE = 'vrf.pem';
export const HARVESTER_FILES = { remote: REMOTE_FILE, vrf: VRF_FILE };
const HARVESTING_PROPERTIES = 'config-harvesting.properties';

type HarvesterKeys = { remote: KeyPair; vrf: KeyPair };

export type Identity = {
  /** Absent: nothing can be signed for the main account. */
  ca?: { pair: KeyPair; isNew: boolean };
  /** Of the certificates that there are; absent where there are none, or none that are of use. */
  certificates?: Certificates;
  /** For certificates that are made now. */
  nodeKey: KeyPair;
  /** Of a HARVESTER. */
  harvester?: HarvesterKeys & { isNew: boolean };
  problems: Problem[];
};

type Random = (size: number) => Uint8Array;

export function resolveIdentity(resource: SymbolNode, observed: Observed, random: Random): Identity {
  const { names, settings, secrets } = observed;
  const imported = readImported(resource, observed);
  const existing = secrets.get(names.certificates);
  const certificates = existing === undefined ? undefined : orBroken(() => readExisting(existing));
  const ca = resolveCa(resource, observed, isProblem(imported) ? {} : imported, random);
  const nodeKey = resolveNodeKey(existing, certificates, isProblem(imported) ? {} : imported, random);
  const harvester = settings.features.has('HARVESTER')
    ? resolveHarvester(secrets.get(names.harvesterKeys), isProblem(imported) ? {} : imported, random)
    : undefined;
  const found = [imported, certificates, ca, nodeKey, harvester];
  return {
    ...(ca === undefined || isProblem(ca) ? {} : { ca }),
    ...(certificates === undefined || isProblem(certificates) ? {} : { certificates }),
    nodeKey: isProblem(nodeKey) ? generateKeyPair(random) : nodeKey,
    ...(harvester === undefined || isProblem(harvester) ? {} : { harvester }),
    problems: found.filter((candidate) => isProblem(candidate)),
  };
}

/** Files of the old node by name; none where nothing is imported. */
function readImported(resource: SymbolNode, { userSecrets }: Observed): Record<string, string> | Problem {
  const name = resource.spec.import?.secretName;
  if (name === undefined) return {};
  const secret = userSecrets.get(name);
  if (secret !== undefined) return filesOf(secret);
  return {
    reason: 'ImportMissing',
    message: `spec.import.secretName: Secret ${name} does not exist; create it with the files of the old node`,
  };
}

function resolveCa(
  { spec }: SymbolNode,
  { names, secrets, userSecrets }: Observed,
  imported: Record<string, string>,
  random: Random,
): Identity['ca'] | Problem {
  const source = spec.caKeySecret;
  if (source !== undefined) {
    const { name, key = CA_KEY_FILE } = source;
    const secret = userSecrets.get(name);
    const text = secret && filesOf(secret)[key];
    const missing = secret === undefined ? 'does not exist' : `has no member ${key}`;
    if (text === undefined)
      return { reason: 'CaKeyMissing', message: `spec.caKeySecret: Secret ${name} ${missing}; put the key there` };
    return readCa(text, `spec.caKeySecret: Secret ${name}: ${key}`, false);
  }
  const kept = secrets.get(names.caKey);
  if (kept !== undefined)
    return readCa(filesOf(kept)[CA_KEY_FILE] ?? '', `Secret ${names.caKey}: ${CA_KEY_FILE}`, false);
  const brought = imported[CA_KEY_FILE];
  if (brought !== undefined) return readCa(brought, `spec.import: ${CA_KEY_FILE}`, true);
  // A new key would be another account: what was certified by the old one has to wait for it.
  if (secrets.has(names.certificates) || imported['ca.crt.pem'] !== undefined)
    return {
      reason: 'CaKeyMissing',
      message: `the private key of the node's main account is not in the cluster: its certificates can't be renewed and its transactions can't be signed. Put the key into a Secret and name it in spec.caKeySecret; to begin anew with another account, delete Secret ${names.certificates}`,
    };
  return { pair: generateKeyPair(random), isNew: true };
}

function readCa(text: string, where: string, isNew: boolean): Identity['ca'] | Problem {
  return orProblem(
    () => ({ pair: parsePrivateKey(text, where), isNew }),
    (message) => ({ reason: 'CaKeyInvalid', message }),
  );
}

/** The key of the certificates that there are, even of broken ones: who delegated harvesting to the node did so to this key. */
function resolveNodeKey(
  existing: Secret | undefined,
  certificates: Certificates | Problem | undefined,
  imported: Record<string, string>,
  random: Random,
): KeyPair | Problem {
  if (certificates !== undefined && !isProblem(certificates)) return certificates.node;
  const file = 'node.key.pem';
  const kept = existing && filesOf(existing)[file];
  const text = kept ?? imported[file];
  if (text === undefined) return generateKeyPair(random);
  return orProblem(
    () => parsePrivateKey(text, `${kept === undefined ? 'spec.import' : `Secret ${existing?.metadata.name}`}: ${file}`),
    (message) => ({ reason: 'NodeKeyInvalid', message }),
  );
}

function resolveHarvester(
  kept: Secret | undefined,
  imported: Record<string, string>,
  random: Random,
): Identity['harvester'] | Problem {
  return orProblem(
    () => {
      if (kept !== undefined) return { ...readHarvester(filesOf(kept), `Secret ${kept.metadata.name}`), isNew: false };
      if (imported[HARVESTING_PROPERTIES] !== undefined || imported[REMOTE_FILE] !== undefined)
        return { ...readHarvester(imported, 'spec.import'), isNew: true };
      return { remote: generateKeyPair(random), vrf: generateKeyPair(random), isNew: true };
    },
    (message) => ({ reason: 'HarvesterKeysInvalid', message }),
  );
}

/** Shoestring keeps the keys as PEM, bootstrap only in catapult's own file. */
function readHarvester(files: Record<string, string>, where: string): HarvesterKeys {
  const read = (file: string, key: string): KeyPair => {
    const text = files[file];
    if (text !== undefined) return parsePrivateKey(text, `${where}: ${file}`);
    const place = `${where}: ${HARVESTING_PROPERTIES}`;
    const properties = parseProperties(files[HARVESTING_PROPERTIES] ?? '', place);
    return parsePrivateKey(readProperty(properties, 'harvesting', key, place), `${place}: ${key}`);
  };
  return { remote: read(REMOTE_FILE, 'harvesterSigningPrivateKey'), vrf: read(VRF_FILE, 'harvesterVrfPrivateKey') };
}

const parsed = new WeakMap<Secret, Certificates>();

/** Checking signatures is most of the work of a pass, and a Secret in the cache is replaced, never changed. */
function readExisting(secret: Secret): Certificates {
  const known = parsed.get(secret) ?? readCertificates(filesOf(secret), `Secret ${secret.metadata.name}`);
  parsed.set(secret, known);
  return known;
}

function orBroken(work: () => Certificates): Certificates | Problem {
  return orProblem(work, (message) => ({ reason: 'CertificatesInvalid', message }));
}

/** As text. */
export function filesOf({ data = {} }: Secret): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data).map(([name, content]) => [name, Buffer.from(content, 'base64').toString('utf8')]),
  );
}

export function toData(files: Readonly<Record<string, string | Uint8Array>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([name, content]) => [name, Buffer.from(content as string).toString('base64')]),
  );
}
