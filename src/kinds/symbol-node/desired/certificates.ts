/**
 * The Secret with a node's certificates. It holds the node key, for which others encrypt what they delegate, and is therefore made once;
 * a renewal is a patch, which the API server refuses when somebody has written the Secret since.
 */
import { X509Certificate } from 'node:crypto';
import { generateKeyPair, rawPublicKey } from '../../../formats/ed25519.ts';
import {
  type CertificateFiles,
  type Certificates,
  issueCertificates,
  renewNodeCertificate,
} from '../../../formats/symbol-certificates.ts';
import { renderHex } from '../../../formats/symbol-keys.ts';
import type { Secret } from '../../../kube/objects.ts';
import { SECRETS } from '../../../kube/resource-types.ts';
import type { Change } from '../../../reconcile/change.ts';
import { toWireTime } from '../../../reconcile/conditions.ts';
import type { Desired } from '../../../reconcile/diff.ts';
import type { Problem } from '../../problem.ts';
import { filesOf, type Identity, toData } from '../identities.ts';
import type { Observed } from '../observe.ts';
import type { SymbolNode } from '../schema.ts';
import type { Settings } from '../settings.ts';
import { ANNOTATION_REQUEST, buildSecret, patchKeySecret } from './key-secrets.ts';

const CA_FILE = 'ca.crt.pem';
const DAY_MS = 86_400_000;

type Context = { now: Date; random: (size: number) => Uint8Array };

export type CertificatePlan = { desired: Desired[]; changes: Change[]; problems: Problem[] };

export function planCertificates(
  resource: SymbolNode,
  observed: Observed,
  identity: Identity,
  context: Context,
): CertificatePlan {
  const { names, settings, secrets, userSecrets } = observed;
  const nothing: CertificatePlan = { desired: [], changes: [], problems: [] };
  const { ca, certificates } = identity;
  if (ca === undefined) return nothing;
  const request = resource.spec.requests?.renewCertificates;
  const live = secrets.get(names.certificates);
  if (live === undefined) {
    const imported = userSecrets.get(resource.spec.import?.secretName ?? '');
    const files = issue(settings, identity, ca.pair, importedCa(imported, ca.pair.publicKey), context);
    const annotations = request === undefined ? {} : { [ANNOTATION_REQUEST]: request.id };
    const object = buildSecret(resource, observed, names.certificates, files, !settings.retain, annotations);
    return {
      ...nothing,
      desired: [{ type: SECRETS, write: 'create', object, purpose: 'the certificates of the node' }],
    };
  }
  const asked =
    request !== undefined && live.metadata.annotations?.[ANNOTATION_REQUEST] !== request.id ? request : undefined;
  if (certificates !== undefined && !isOf(certificates, ca.pair.publicKey) && asked?.renewCa !== true)
    return { ...nothing, problems: [describeOtherAccount(ca.pair.publicKey, certificates, live)] };
  const why = findReason(settings, certificates, asked?.id, context.now);
  if (why === undefined) return nothing;
  const keepsCa =
    certificates !== undefined && asked?.renewCa !== true && !endsSoon(certificates.caNotAfter, settings, context.now);
  const nodeKey = asked?.newNodeKey === true ? generateKeyPair(context.random) : identity.nodeKey;
  const caFile = keepsCa ? filesOf(live)[CA_FILE] : undefined;
  const files = issue(settings, { ...identity, nodeKey }, ca.pair, caFile, context);
  return { ...nothing, changes: [patchKeySecret(live, toData(files), `certificates are renewed: ${why}`, asked?.id)] };
}

/** Renewed certificates are for the same account and, unless asked otherwise, the same node key. */
function issue(
  { certificates: policy }: Settings,
  { nodeKey }: Identity,
  ca: NonNullable<Identity['ca']>['pair'],
  caFile: string | undefined,
  { now, random }: Context,
): CertificateFiles {
  const { caCommonName, nodeCommonName, caDays, nodeDays } = policy;
  const common = { ca, node: nodeKey, nodeCommonName, nodeDays, now, random };
  return caFile === undefined
    ? issueCertificates({ ...common, caCommonName, caDays })
    : renewNodeCertificate(caFile, common);
}

/** The CA certificate of the old node, where it fits the key. */
function importedCa(imported: Secret | undefined, caPublicKey: Uint8Array): string | undefined {
  const text = imported && filesOf(imported)[CA_FILE];
  if (text === undefined) return undefined;
  try {
    const certificate = new X509Certificate(text);
    return Buffer.from(rawPublicKey(certificate.publicKey)).equals(caPublicKey) ? text : undefined;
  } catch {
    return undefined;
  }
}

function findReason(
  settings: Settings,
  certificates: Certificates | undefined,
  requestId: string | undefined,
  now: Date,
): string | undefined {
  if (certificates === undefined) return 'what is in it does not belong together';
  if (requestId !== undefined) return `request ${requestId} to renew the certificates`;
  if (!settings.certificates.autoRenew) return undefined;
  const { caNotAfter, nodeNotAfter } = certificates;
  if (endsSoon(nodeNotAfter, settings, now)) return `the node certificate ends at ${toWireTime(nodeNotAfter)}`;
  return endsSoon(caNotAfter, settings, now) ? `the CA certificate ends at ${toWireTime(caNotAfter)}` : undefined;
}

function endsSoon(end: Date, { certificates }: Settings, now: Date): boolean {
  return end.getTime() - now.getTime() < certificates.renewBeforeDays * DAY_MS;
}

function isOf({ caPublicKey }: Certificates, publicKey: Uint8Array): boolean {
  return Buffer.from(caPublicKey).equals(publicKey);
}

function describeOtherAccount(found: Uint8Array, { caPublicKey }: Certificates, { metadata }: Secret): Problem {
  return {
    reason: 'CaKeyMismatch',
    message: `the key of the main account is that of ${renderHex(found)}, the certificates in Secret ${metadata.name} are of ${renderHex(caPublicKey)}: the node is left as it is. Bring back the old key, or ask for certificates of the new account with spec.requests.renewCertificates and renewCa`,
  };
}
