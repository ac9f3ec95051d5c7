/** Watches that no key of a Symbol node and no volume is lost, and that there is one pod at most. */
import { readVotingKeyHeader } from '../../src/formats/symbol-voting-keys.ts';
import { filesOf } from '../../src/kinds/symbol-node/identities.ts';
import type { SymbolNode } from '../../src/kinds/symbol-node/schema.ts';
import type { Secret } from '../../src/kube/objects.ts';
import type { MemoryApi } from './memory-api.ts';
import { GROUPING } from './symbol-chain.ts';

export class Keeper {
  readonly #api: MemoryApi;
  readonly #violate: (what: string) => void;
  /** What must never be lost, by Secret and file. */
  readonly #keys = new Map<string, string>();
  #claim: string | undefined;

  constructor(api: MemoryApi, violate: (what: string) => void) {
    this.#api = api;
    this.#violate = violate;
  }

  check(finalizedHeight: number): void {
    const [resource] = this.#api.list<SymbolNode>('SymbolNode');
    if (this.#api.list('Pod').length > 1) this.#violate('there are two pods');
    const claim = this.#api.list('PersistentVolumeClaim')[0]?.metadata.uid;
    this.#claim ??= claim;
    if (this.#claim !== claim) this.#violate('the volume was lost');
    const epoch = Math.ceil(finalizedHeight / GROUPING) + 1;
    const secrets = new Map(this.#api.list<Secret>('Secret').map((secret) => [secret.metadata.name, secret]));
    for (const [path, content] of this.#keys) {
      const [name = '', file = ''] = path.split('/');
      const found = secrets.get(name)?.data?.[file];
      if (found === content) continue;
      if (found === undefined && /^private_key_tree/.test(file)) {
        // The root key is thrown away: only what has ended may go.
        const { endEpoch } = readVotingKeyHeader(Buffer.from(content, 'base64'), file);
        if (endEpoch < epoch) continue;
      }
      if (file === 'node.key.pem' && resource?.spec.requests?.renewCertificates?.newNodeKey === true) continue;
      this.#violate(`${path} was ${found === undefined ? 'lost' : 'changed'}`);
    }
    for (const [name, secret] of secrets)
      for (const [file, content] of Object.entries(secret.data ?? {}))
        if (/^(ca\.key|node\.key|remote|vrf)\.pem$|^private_key_tree/.test(file))
          this.#keys.set(`${name}/${file}`, content);
    const ca = secrets.get(`ca-testnode`);
    const certificates = secrets.get(`certificates-testnode`);
    if (certificates !== undefined && ca === undefined)
      this.#violate('there are certificates and no key of the account');
    if (certificates !== undefined && Object.keys(filesOf(certificates)).length !== 5)
      this.#violate('certificates are not complete');
  }
}
