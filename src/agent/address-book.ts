/** The address book of a CometBFT node: where it found its peers when it last met them. */
import { isAbsolute, join } from 'node:path';
import { parseToml } from '../formats/toml.ts';
import { readIfThere, replaceFile } from './durable-file.ts';

type AddressBook = { addrs: { addr: { id: string } }[] };

/**
 * Has the node forget the addresses of the peers that its config.toml names (`p2p.persistent_peers`, `p2p.seeds`), so that it dials what
 * stands there. An address of the book goes before: while the node dials it, CometBFT gives up dialing the configured one, for good, and
 * a Service that was made again has another IP than the book remembers. A book that can't be read is left to the node, which says so.
 *
 * `home`: what a relative `p2p.addr_book_file` is below.
 */
export async function forgetConfiguredPeers(
  home: string,
  configText: string,
  log: (line: string) => void,
): Promise<void> {
  const p2p = (parseToml(configText, 'config.toml').p2p ?? {}) as Record<string, unknown>;
  const ids = new Set(['persistent_peers', 'seeds'].flatMap((setting) => readIds(p2p[setting])));
  const file = typeof p2p.addr_book_file === 'string' ? p2p.addr_book_file : 'config/addrbook.json';
  const path = isAbsolute(file) ? file : join(home, file);
  const book = readBook(await readIfThere(path));
  if (book === undefined) return;
  const kept = book.addrs.filter(({ addr }) => !ids.has(addr.id));
  if (kept.length === book.addrs.length) return;
  await replaceFile(path, `${JSON.stringify({ ...book, addrs: kept }, undefined, '\t')}\n`);
  const forgotten = book.addrs.length - kept.length;
  log(`${path}: forgot the addresses of ${forgotten} peers that config.toml has; ${kept.length} others are kept`);
}

/** Of `id@host:port,…`. */
function readIds(peers: unknown): string[] {
  if (typeof peers !== 'string') return [];
  return peers
    .split(',')
    .filter((peer) => peer.includes('@'))
    .map((peer) => peer.slice(0, peer.indexOf('@')).trim().toLowerCase());
}

function readBook(text: string | undefined): AddressBook | undefined {
  try {
    const book = JSON.parse(text ?? '') as AddressBook;
    return book.addrs.every(({ addr }) => typeof addr.id === 'string') ? book : undefined;
  } catch {
    return undefined;
  }
}
