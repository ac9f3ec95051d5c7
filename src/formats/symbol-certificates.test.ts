import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { keyPairFromSeed } from './ed25519.ts';
import {
  CERTIFICATE_FILES,
  type CertificateFiles,
  issueCertificates,
  readCertificates,
  renewNodeCertificate,
} from './symbol-certificates.ts';
import { renderPrivateKeyPem, renderPublicKeyPem } from './symbol-keys.ts';

// RFC 8032, section 7.1, tests 1 and 2.
const ca = keyPairFromSeed(Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex'));
const node = keyPairFromSeed(Buffer.from('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb', 'hex'));

/** Made of the two keys by OpenSSL 3.0 in the way of shoestring: `req -x509`, `req` and `ca` without extensions. */
const byOpenssl = {
  'ca.crt.pem': `-----BEGIN CERTIFICATE-----
MIIBPjCB8aADAgECAhQKAQIDBAUGBwgJCgsMDQ4PEBESEzAFBgMrZXAwFTETMBEG
A1UEAwwKWsO8cmljaCBDQTAeFw0yNjExMjExMDQzMTJaFw00NjExMTYxMDQzMTJa
MBUxEzARBgNVBAMMClrDvHJpY2ggQ0EwKjAFBgMrZXADIQDXWpgBgrEKt9VL/tPJ
ZAc6DuFy89qmIyWvAhpo9wdRGqNTMFEwDwYDVR0TAQH/BAUwAwEB/zAdBgNVHQ4E
FgQUWyeqVYkXl3DkdXWxYqHe2XuL/G0wHwYDVR0jBBgwFoAUWyeqVYkXl3DkdXWx
YqHe2XuL/G0wBQYDK2VwA0EAGAzVsiXByfSFF4JMxIWKg99Ess1ZdOaheVW3Nr1R
iAIGMdX1wGdPOyNVl5pCtOSb6u2PT1kffX0oxc+CktFGCg==
-----END CERTIFICATE-----
`,
  'node.crt.pem': `-----BEGIN CERTIFICATE-----
MIHfMIGSAhMA8eLTxLWml4h3ZlVEMyIRAP/uMAUGAytlcDAVMRMwEQYDVQQDDApa
w7xyaWNoIENBMB4XDTI2MTEyMTEwNDMxMloXDTI3MTIwMTEwNDMxMlowETEPMA0G
A1UEAwwGbm9kZSAxMCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaM
wM1V8Sr0ZgwwBQYDK2VwA0EAQiex8fqk6d6iO9dYosem0doWIm46HOtgxZwLDdzQ
/CVPeIWGH9pVg0L3NCqmHrBdDo7TVj0giqGKwT1uI5SlCA==
-----END CERTIFICATE-----
`,
};
const serials: Record<number, string> = {
  20: '0a0102030405060708090a0b0c0d0e0f10111213',
  19: '00f1e2d3c4b5a697887766554433221100ffee',
};
const names = { caCommonName: 'Zürich CA', nodeCommonName: 'node 1' };
const issue = {
  ca,
  node,
  ...names,
  now: new Date('2026-11-21T10:43:12.999Z'),
  random: (size: number) => Buffer.from(serials[size] as string, 'hex'),
};
const files = issueCertificates(issue);

describe('issueCertificates', () => {
  it('makes what openssl makes, to the byte', () => {
    expect(files).toEqual({
      ...byOpenssl,
      'ca.pubkey.pem': renderPublicKeyPem(ca.publicKey),
      'node.full.crt.pem': byOpenssl['node.crt.pem'] + byOpenssl['ca.crt.pem'],
      'node.key.pem': renderPrivateKeyPem(node),
    });
  });

  it.each([[0xff], [0x80], [0x7f], [0x00], [0x01]])(
    'makes serial numbers of bytes %i that are positive and short',
    (byte) => {
      const made = issueCertificates({ ...issue, random: (size) => new Uint8Array(size).fill(byte) });
      for (const name of ['ca.crt.pem', 'node.crt.pem'] as const) {
        const { serialNumber } = new X509Certificate(made[name]);
        expect(serialNumber).not.toContain('-');
        expect(serialNumber.length).toBeLessThanOrEqual(40);
      }
    },
  );

  it('makes certificates that outlast 2049, when dates get four digits for the year', () => {
    const made = issueCertificates({ ...issue, now: new Date('2044-02-29T00:00:00Z'), caDays: 10_000, nodeDays: 3000 });
    expect(readCertificates(made, 'made')).toMatchObject({
      caNotAfter: new Date('2071-07-17T00:00:00Z'),
      nodeNotAfter: new Date('2052-05-17T00:00:00Z'),
    });
  });

  it.each([[''], ['x'.repeat(65)]])('refuses %j as a common name', (caCommonName) => {
    expect(() => issueCertificates({ ...issue, caCommonName })).toThrow('need 1 to 64');
  });

  it('makes what two peers accept of each other by TLS 1.3', async () => {
    const other = issueCertificates({ ...issue, ca: node, node: ca, caCommonName: 'other', now: new Date() });
    const own = issueCertificates({ ...issue, now: new Date() });
    const server = createServer(tlsOptions(own, other), (socket) => socket.end('welcome'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const client: TLSSocket = connect({
      host: '127.0.0.1',
      port,
      ...tlsOptions(other, own),
      checkServerIdentity: () => undefined,
    });
    let answer = '';
    for await (const chunk of client) answer += chunk;
    expect(answer).toBe('welcome');
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('renewNodeCertificate', () => {
  it('keeps the CA certificate and its name, and the node key when told so', () => {
    const renewed = renewNodeCertificate(files['ca.crt.pem'], { ...issue, now: new Date('2027-11-01T00:00:00Z') });
    expect(renewed['ca.crt.pem']).toBe(files['ca.crt.pem']);
    expect(renewed['node.key.pem']).toBe(files['node.key.pem']);
    expect(readCertificates(renewed, 'renewed')).toEqual({
      ...names,
      caPublicKey: ca.publicKey,
      node,
      caNotAfter: new Date('2046-11-16T10:43:12Z'),
      nodeNotAfter: new Date('2028-11-10T00:00:00Z'),
    });
  });

  it('has a new node key when told so', () => {
    const renewed = renewNodeCertificate(files['ca.crt.pem'], { ...issue, node: ca });
    expect(readCertificates(renewed, 'renewed').node).toEqual(ca);
  });
});

describe('readCertificates', () => {
  const stranger = issueCertificates({ ...issue, ca: node, node: ca });

  it('reads back what is hard to escape', () => {
    const hard = { caCommonName: 'a, O=b + "c"\\ \n/CN=d', nodeCommonName: ' #е ' };
    expect(readCertificates(issueCertificates({ ...issue, ...hard }), 'made')).toMatchObject(hard);
  });

  it.each(CERTIFICATE_FILES)('says when %s is missing', (name) => {
    const { [name]: _, ...rest } = files;
    expect(() => readCertificates(rest, 'Secret c')).toThrow(`Secret c: ${name}: found nothing, need a PEM file`);
  });

  it.each<[string, Partial<CertificateFiles>, string]>([
    ['no certificate', { 'ca.crt.pem': 'x' }, 'ca.crt.pem: found text that is no certificate'],
    ['another CA', { 'ca.crt.pem': stranger['ca.crt.pem'] }, 'ca.pubkey.pem is not the key of ca.crt.pem'],
    [
      'a CA that is none',
      { 'ca.crt.pem': files['node.crt.pem'], 'ca.pubkey.pem': renderPublicKeyPem(node.publicKey) },
      'ca.crt.pem is not signed by its own key',
    ],
    ['a node of another CA', { 'node.crt.pem': stranger['node.crt.pem'] }, 'node.crt.pem is not signed by ca.crt.pem'],
    ['another node key', { 'node.key.pem': renderPrivateKeyPem(ca) }, 'node.key.pem is not the key of node.crt.pem'],
    ['no key', { 'node.key.pem': 'x' }, 'node.key.pem: found text that is no key'],
    [
      'half a chain',
      { 'node.full.crt.pem': files['node.crt.pem'] },
      'node.full.crt.pem is not node.crt.pem and then ca.crt.pem',
    ],
  ])('refuses %s', (_, edits, message) => {
    expect(() => readCertificates({ ...files, ...edits }, 'Secret c')).toThrow(`Secret c: ${message}`);
  });
});

function tlsOptions(own: CertificateFiles, peer: CertificateFiles) {
  return {
    cert: own['node.full.crt.pem'],
    key: own['node.key.pem'],
    ca: peer['ca.crt.pem'],
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.3' as const,
  };
}
