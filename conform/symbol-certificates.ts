/** Certificates as text that is the same for any two that differ in nothing but serial number, dates and signature; and openssl's verdict. */
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Files = Readonly<Record<string, string>>;

const OPENSSL = 'openssl';
const SEQUENCE = 0x30;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
const CONSTRUCTED = 0x20;

/** What of the files of a node has to be the same for the same keys. */
export function describeCertificates(files: Files): Record<string, unknown> {
  const text = (name: string) => files[name] ?? '';
  return {
    'ca.crt.pem': describeCertificate(text('ca.crt.pem')),
    'node.crt.pem': describeCertificate(text('node.crt.pem')),
    'node.full.crt.pem': text('node.full.crt.pem') === text('node.crt.pem') + text('ca.crt.pem') ? 'both' : 'others',
    'ca.pubkey.pem': text('ca.pubkey.pem'),
    'node.key.pem': text('node.key.pem'),
    verdict: verify(files),
  };
}

function describeCertificate(pem: string): Record<string, unknown> {
  const { raw, validFrom, validTo } = new X509Certificate(pem);
  return {
    days: Math.round((Date.parse(validTo) - Date.parse(validFrom)) / 86_400_000),
    structure: describeDer(raw, 0, raw.length, []).join('\n'),
  };
}

/** A line for each element; what is random or a time is only named. */
function describeDer(der: Uint8Array, from: number, to: number, path: readonly number[]): string[] {
  const lines: string[] = [];
  for (let at = from, index = 0; at < to; index++) {
    const tag = der[at] as number;
    const { start, end } = readLength(der, at + 1);
    const place = [...path, index];
    const indent = '  '.repeat(path.length);
    if ((tag & CONSTRUCTED) !== 0) {
      lines.push(`${indent}${tag === SEQUENCE ? 'sequence' : `tag ${tag}`}`, ...describeDer(der, start, end, place));
    } else lines.push(`${indent}tag ${tag} ${describeValue(tag, der.subarray(start, end), place)}`);
    at = end;
  }
  return lines;
}

function describeValue(tag: number, value: Uint8Array, place: readonly number[]): string {
  if (tag === UTC_TIME || tag === GENERALIZED_TIME) return 'time';
  // Of the certificate itself: the third of its three parts.
  if (tag === BIT_STRING && place.join() === '0,2') return `signature of ${value.length} bytes`;
  if (tag === INTEGER && value.length >= 16) return 'serial number';
  return Buffer.from(value).toString('hex');
}

function readLength(der: Uint8Array, at: number): { start: number; end: number } {
  const first = der[at] as number;
  if (first < 0x80) return { start: at + 1, end: at + 1 + first };
  const count = first & 0x7f;
  let length = 0;
  for (let index = 1; index <= count; index++) length = length * 256 + (der[at + index] as number);
  return { start: at + 1 + count, end: at + 1 + count + length };
}

/** As `openssl verify` says it, without the name of the file. */
function verify(files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), 'nodewright-conform-'));
  try {
    for (const name of ['ca.crt.pem', 'node.crt.pem']) writeFileSync(join(folder, name), files[name] ?? '');
    const { stdout, stderr, error } = spawnSync(
      OPENSSL,
      ['verify', '-no_check_time', '-CAfile', join(folder, 'ca.crt.pem'), join(folder, 'node.crt.pem')],
      { encoding: 'utf8' },
    );
    if (error !== undefined) throw new Error(`openssl can't be run, which checks certificates: ${error.message}`);
    return `${stdout}${stderr}`.replaceAll(folder, '').trim();
  } finally {
    rmSync(folder, { recursive: true });
  }
}
