/** Somebody who reads the status of every network and does what it asks for, with backups at hand. */
import { objectNameOf } from '../../src/kinds/tendermint-network/members.ts';
import type { TendermintNetwork } from '../../src/kinds/tendermint-network/schema.ts';
import { type KubeObject, keyOf } from '../../src/kube/objects.ts';
import { CONFIG_MAPS, PODS, SECRETS } from '../../src/kube/resource-types.ts';
import { BAD_IMAGE, CRASHING_LEVEL } from './model-machines.ts';
import type { User } from './user.ts';
import type { World } from './world.ts';

export class Healer {
  readonly #world: World;
  readonly #user: User;
  /** The last copies of what a person has backups of. */
  readonly #backups = new Map<string, KubeObject>();

  constructor(world: World, user: User) {
    this.#world = world;
    this.#user = user;
    world.api.onChange(({ type, after }) => {
      if (after === undefined || (type.plural !== 'secrets' && !after.metadata.name.endsWith('-genesis'))) return;
      this.#backups.set(`${type.plural}/${after.metadata.namespace}/${after.metadata.name}`, after);
    });
  }

  /** Does what the conditions ask for, one thing at a time. */
  heal(): void {
    for (const network of this.#user.networks()) this.#heal(network);
  }

  #heal(network: TendermintNetwork): void {
    if (network.metadata.deletionTimestamp !== undefined) return;
    const { api } = this.#world;
    const { spec, metadata, status } = network;
    if (metadata.namespace === 'gamma') {
      this.#user.delete(network);
      return;
    }
    if (metadata.annotations?.['nodewright.dev/paused'] !== undefined)
      this.#user.annotate(network, { 'nodewright.dev/paused': null });
    const broken = spec.config?.includes(CRASHING_LEVEL) || spec.config?.includes('= =');
    if (broken) this.#user.change(network, { config: '[mempool]\nsize = 4000\n' }, true);
    if (spec.image === BAD_IMAGE) this.#user.change(network, { image: 'cometbft:v1' }, true);
    const text = status?.conditions?.map(({ message }) => message).join('\n') ?? '';
    const lost = [...text.matchAll(/add (uid-\d+) to spec\.acceptSignStateLoss/g)].map(([, uid]) => uid as string);
    const accepted = spec.acceptSignStateLoss ?? [];
    if (lost.some((uid) => !accepted.includes(uid))) {
      for (const uid of lost) this.#world.chains.givenUp.add(uid);
      this.#user.change(network, { acceptSignStateLoss: [...new Set([...accepted, ...lost])] });
    }
    if (/Bring the Secret back/.test(text)) this.#restore('secrets', network);
    if (/genesis/.test(text)) this.#restore('configmaps', network);
    for (const [, name = ''] of text.matchAll(/delete pod (\S+) by hand/g))
      api.delete(PODS, { namespace: metadata.namespace, name }, 'user');
    const halted = status?.conditions?.some(({ type, status: is }) => type === 'Quorum' && is === 'False');
    const [, needed] = /removal of validator (\S+): /.exec(text) ?? [];
    if (needed !== undefined && halted) this.#putBack(network, needed);
    const stuck = /set spec\.strategy\.allowHalt to true/.test(text);
    if (stuck && spec.strategy?.allowHalt !== true) this.#user.change(network, { strategy: { allowHalt: true } });
  }

  #putBack(network: TendermintNetwork, name: string): void {
    const { replicas = 0, nodes } = network.spec.validators;
    const validators = nodes === undefined ? { replicas: replicas + 1 } : { nodes: [...nodes, { name, power: 10 }] };
    this.#user.change(network, { validators });
  }

  #restore(plural: 'secrets' | 'configmaps', network: TendermintNetwork): void {
    const { api } = this.#world;
    const type = plural === 'secrets' ? SECRETS : CONFIG_MAPS;
    const prefix = plural === 'secrets' ? `${network.metadata.name}-` : objectNameOf(network, 'genesis');
    for (const [id, backup] of this.#backups) {
      if (
        !id.startsWith(`${plural}/${network.metadata.namespace}/${prefix}`) ||
        api.get(type, keyOf(backup)) !== undefined
      )
        continue;
      const {
        uid: _uid,
        resourceVersion: _version,
        creationTimestamp: _created,
        deletionTimestamp: _deleted,
        ...metadata
      } = backup.metadata;
      api.create(type, { ...backup, metadata } as KubeObject, 'user');
    }
  }
}
