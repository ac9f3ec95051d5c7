/**
 * A Symbol node's certificates, as shoestring has openssl make them: a CA certificate that the node's main account signs for itself, and a
 * node certificate below it. The CA key is the identity that the network knows, the node key that of TLS; peers accept exactly this
 * chain, Ed25519 throughout. The node certificate is X.509 version 1, as it has always been, which is why the certificates are put
 * together from their ASN.1 parts: what makes whole certificates makes version 3 only.
 */
import { createHash, sign, X509Certificate } from 'node:crypto';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  Extension,
  Extensions,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_subjectKeyIdentifier,
  KeyIdentifier,
  Name,
  RelativeDistinguishedName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509';
import { type KeyPair, privateKeyObject, publicKeyObject, rawPublicKey } from './ed25519.ts';
import { FormatError } from './format-error.ts';
import { parsePrivateKey, parsePublicKey, renderHex, renderPrivateKeyPem, renderPublicKeyPem } from './symbol-keys.ts';

/** What catapult and REST look for in their certificate directory, by name, in PEM. */
export const CERTIFICATE_FILES = [
  'ca.crt.pem',
  'ca.pubkey.pem',
  'node.crt.pem',
  'node.full.crt.pem',
  'node.key.pem',
] as const;

export type CertificateFiles = Record<(typeof CERTIFICATE_FILES)[number], string>;

export type Issue = {
  /** The main account. */
  ca: KeyPair;
  node: KeyPair;
  /** 1 to 64 characters. */
  nodeCommonName: string;
  /** Default 375, as shoestring has it. */
  nodeDays?: number;
  /** When the certificates begin to be valid. */
  now: Date;
  /** For the serial numbers. */
  random: (size: number) => Uint8Array;
};

/** All files of a new node. A CA certificate lasts 7300 days unless `caDays` says otherwise. */
export function issueCertificates(issue: Issue & { caCommonName: string; caDays?: number }): CertificateFiles {
  const { ca, caCommonName, caDays = 7300 } = issue;
  const name = makeName(caCommonName);
  const keyId = createHash('sha1').update(ca.publicKey).digest();
  const extensions = new Extensions([
    makeExtension(id_ce_basicConstraints, new BasicConstraints({ cA: true }), true),
    makeExtension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyId)),
    makeExtension(
      id_ce_authorityKeyIdentifier,
      new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(keyId) }),
    ),
  ]);
  const certificate = signCertificate(ca, {
    version: Version.v3,
    serialNumber: makeSerial(issue.random(20)),
    issuer: name,
    subject: name,
    validity: makeValidity(issue.now, caDays),
    subjectPublicKeyInfo: makePublicKeyInfo(ca),
    extensions,
  });
  return renewNodeCertificate(certificate, issue);
}

/** All files, with a new node certificate under a CA certificate that stays. Its key must be that of `ca`. */
export function renewNodeCertificate(caCertificate: string, issue: Issue): CertificateFiles {
  const { ca, node, nodeCommonName, nodeDays = 375 } = issue;
  const certificate = signCertificate(ca, {
    version: Version.v1,
    serialNumber: makeSerial(issue.random(19)),
    issuer: subjectOf(new X509Certificate(caCertificate)),
    subject: makeName(nodeCommonName),
    validity: makeValidity(issue.now, nodeDays),
    subjectPublicKeyInfo: makePublicKeyInfo(node),
  });
  return {
    'ca.crt.pem': caCertificate,
    'ca.pubkey.pem': renderPublicKeyPem(ca.publicKey),
    'node.crt.pem': certificate,
    'node.full.crt.pem': certificate + caCertificate,
    'node.key.pem': renderPrivateKeyPem(node),
  };
}

export type Certificates = {
  /** 32 bytes: the main account. */
  caPublicKey: Uint8Array;
  node: KeyPair;
  caCommonName: string;
  nodeCommonName: string;
  caNotAfter: Date;
  nodeNotAfter: Date;
};

/**
 * Reads what belongs together. Throws a FormatError that names the first file that is missing, is none, or does not fit the others;
 * expired certificates are read like any. `where` names the directory or Secret.
 */
export function readCertificates(files: Readonly<Partial<Record<string, string>>>, where: string): Certificates {
  const read = (name: (typeof CERTIFICATE_FILES)[number]): string => {
    const text = files[name];
    if (text === undefined || text === '') throw new FormatError(`${where}: ${name}: found nothing, need a PEM file`);
    return text;
  };
  const [caText, nodeText] = [read('ca.crt.pem'), read('node.crt.pem')];
  const ca = parseCertificate(caText, `${where}: ca.crt.pem`);
  const certificate = parseCertificate(nodeText, `${where}: node.crt.pem`);
  const node = parsePrivateKey(read('node.key.pem'), `${where}: node.key.pem`);
  const caPublicKey = rawPublicKey(ca.publicKey);
  const check = (holds: boolean, problem: string) => {
    if (!holds) throw new FormatError(`${where}: ${problem}; make the certificates anew`);
  };
  const pinned = parsePublicKey(read('ca.pubkey.pem'), `${where}: ca.pubkey.pem`);
  check(Buffer.from(pinned).equals(caPublicKey), 'ca.pubkey.pem is not the key of ca.crt.pem');
  check(ca.checkIssued(ca) && ca.verify(ca.publicKey), 'ca.crt.pem is not signed by its own key');
  check(certificate.checkIssued(ca) && certificate.verify(ca.publicKey), 'node.crt.pem is not signed by ca.crt.pem');
  const certified = rawPublicKey(certificate.publicKey);
  check(Buffer.from(certified).equals(node.publicKey), 'node.key.pem is not the key of node.crt.pem');
  check(read('node.full.crt.pem') === nodeText + caText, 'node.full.crt.pem is not node.crt.pem and then ca.crt.pem');
  return {
    caPublicKey,
    node,
    caCommonName: commonNameOf(ca),
    nodeCommonName: commonNameOf(certificate),
    caNotAfter: new Date(ca.validTo),
    nodeNotAfter: new Date(certificate.validTo),
  };
}

function parseCertificate(text: string, where: string): X509Certificate {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(text);
  } catch {
    throw new FormatError(`${where}: found text that is no certificate, need one in PEM`);
  }
  const type = certificate.publicKey.asymmetricKeyType;
  if (type !== 'ed25519') throw new FormatError(`${where}: found a certificate of a ${type} key, need Ed25519`);
  return certificate;
}

function subjectOf(certificate: X509Certificate): Name {
  return AsnConvert.parse(certificate.raw, Certificate).tbsCertificate.subject;
}

/** Empty when there is none. */
function commonNameOf(certificate: X509Certificate): string {
  const attribute = subjectOf(certificate)
    .flat()
    .find(({ type }) => type === commonName);
  return attribute?.value.toString() ?? '';
}

/** RFC 8410: no parameters. */
const ed25519 = new AlgorithmIdentifier({ algorithm: '1.3.101.112' });
const commonName = '2.5.4.3';

/** PEM, signed by the issuer. */
function signCertificate(issuer: KeyPair, content: Partial<TBSCertificate>): string {
  const tbsCertificate = new TBSCertificate({ ...content, signature: ed25519 });
  const signed = Buffer.from(AsnConvert.serialize(tbsCertificate));
  const signatureValue = Uint8Array.from(sign(null, signed, privateKeyObject(issuer.seed))).buffer;
  const certificate = new Certificate({ tbsCertificate, signatureAlgorithm: ed25519, signatureValue });
  return new X509Certificate(Buffer.from(AsnConvert.serialize(certificate))).toString();
}

function makeName(text: string): Name {
  if (text.length < 1 || text.length > 64) {
    throw new FormatError(`common name of a certificate: found ${text.length} characters, need 1 to 64`);
  }
  const value = new AttributeValue({ utf8String: text });
  return new Name([new RelativeDistinguishedName([new AttributeTypeAndValue({ type: commonName, value })])]);
}

function makeExtension(extnID: string, value: object, critical = false): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

/** A positive integer in DER, of 20 bytes at most, as RFC 5280 wants it: with a byte of 0 where it would begin with the sign bit. */
function makeSerial(random: Uint8Array): ArrayBuffer {
  const digits = BigInt.asUintN(159, BigInt(`0x${renderHex(random)}`)).toString(16);
  const bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
  return Uint8Array.from((bytes[0] as number) < 0x80 ? bytes : [0, ...bytes]).buffer;
}

/** In whole seconds, which is what certificates have. */
function makeValidity(now: Date, days: number): Validity {
  const start = Math.floor(now.getTime() / 1000) * 1000;
  return new Validity({ notBefore: new Date(start), notAfter: new Date(start + days * 86_400_000) });
}

function makePublicKeyInfo(pair: KeyPair): SubjectPublicKeyInfo {
  return AsnConvert.parse(
    publicKeyObject(pair.publicKey).export({ format: 'der', type: 'spki' }),
    SubjectPublicKeyInfo,
  );
}
