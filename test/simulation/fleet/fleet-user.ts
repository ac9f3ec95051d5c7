/** A person who changes their mind, and one who breaks things. */

import { recoveryOf } from '../../../src/kinds/cosmos-full-node/desired/broken-claim.ts';
import { COSMOS_FULL_NODES, type CosmosFullNode } from '../../../src/kinds/cosmos-full-node/schema.ts';
import type { VolumeSnapshot } from '../../../src/kinds/volume-snapshot.ts';
import type { KubeObject, PersistentVolumeClaim, Pod } from '../../../src/kube/objects.ts';
import { keyOf } from '../../../src/kube/objects.ts';
import {
  CONFIG_MAPS,
  PERSISTENT_VOLUME_CLAIMS,
  PODS,
  type ResourceType,
  ROLE_BINDINGS,
  ROLES,
  SERVICE_ACCOUNTS,
  SERVICES,
  VOLUME_SNAPSHOTS,
} from '../../../src/kube/resource-types.ts';
import { BAD_IMAGE } from './fleet.ts';
import type { FleetWorld } from './fleet-world.ts';

export const KEY = { namespace: 'chains', name: 'hub' };
/** Without the labels of a resource's tools, which may change. */
const LABELS = { 'app.kubernetes.io/created-by': 'cosmos-operator', 'app.kubernetes.io/name': KEY.name };
const RECOVERY = { corruptDataRecovery: { failedStarts: 2 } };
const BAD_TOML = 'a = ';

export class FleetUser {
  readonly #world: FleetWorld;
  #snapshots = 0;

  constructor(world: FleetWorld) {
    this.#world = world;
  }

  create(): void {
    const { random, api } = this.#world;
    const fullNode: CosmosFullNode = {
      apiVersion: 'cosmos.strange.love/v1',
      kind: 'CosmosFullNode',
      metadata: KEY,
      spec: {
        replicas: random.between(2, 5),
        strategy: { maxUnavailable: random.pick([1, 2, '25%', '50%']) },
        chain: { chainID: 'hub-1', network: 'test', binary: 'gaiad', app: { minGasPrice: '0' } },
        podTemplate: { image: 'gaia:v1' },
        volumeClaimTemplate: { storageClassName: 'fast', resources: { requests: { storage: '10Gi' } } },
        volumeRetentionPolicy: random.chance(0.6) ? 'Retain' : 'Delete',
        service: { maxP2PExternalAddresses: 0 },
        ...(random.chance(0.8) ? { selfHeal: RECOVERY } : {}),
        ...(random.chance(0.7)
          ? { upgradeSnapshot: { volumeSnapshotClassName: 'csi', instances: random.pick([1, 2]) } }
          : {}),
      },
    };
    api.create(COSMOS_FULL_NODES, fullNode, 'user');
  }

  get fullNode(): CosmosFullNode | undefined {
    return this.#world.api.get<CosmosFullNode>(COSMOS_FULL_NODES, KEY);
  }

  act(): void {
    const { random } = this.#world;
    if (this.fullNode === undefined) {
      this.create();
      return;
    }
    random.pick<() => void>([
      () => this.#rollOut({ podTemplate: { image: random.pick(['gaia:v1', 'gaia:v2', 'gaia:v3', BAD_IMAGE]) } }),
      () => this.#rollOut({ chain: { logLevel: random.pick(['info', 'debug']) } }),
      () => this.#setOverrides(random.pick([BAD_TOML, 'moniker = "a"', 'moniker = "b"'])),
      () => this.#patch({ replicas: random.between(1, 6) }),
      () => this.#patch({ strategy: { maxUnavailable: random.pick([1, 2, 3, '50%']) } }),
      () =>
        this.#patch({
          additionalVersionedPods: random.pick([
            null,
            [{ name: 'side', containers: [{ name: 'side', image: 'side:v1' }] }],
          ]),
        }),
      () => this.#patch({ instanceOverrides: { 'hub-1': random.pick([null, { disable: 'Pod' }]) } }),
      () => this.#annotate('nodewright.dev/restartedAt', new Date(this.#world.clock.now()).toISOString()),
      () => this.#annotate('nodewright.dev/paused', random.pick(['true', null])),
      () => this.#label(),
      () => this.#patch({ selfHeal: random.pick([null, RECOVERY, RECOVERY]) }),
      () => this.#takeSnapshot(),
      () => this.#takeSnapshot(),
      () => this.#upgrade(),
      () => this.#upgrade(),
      () => this.#remove(random.pick([SERVICES, SERVICE_ACCOUNTS, ROLES, ROLE_BINDINGS])),
      () => this.#remove(PODS),
      () => this.#remove(CONFIG_MAPS),
      () => this.#recreate(),
    ])();
  }

  /** Takes back whatever keeps the fleet from being well. */
  heal(): void {
    if (this.fullNode === undefined) this.create();
    const image = this.fullNode?.spec.podTemplate.image;
    if (image === BAD_IMAGE) this.#rollOut({ podTemplate: { image: 'gaia:v4' } });
    if (this.fullNode?.spec.selfHeal === undefined) this.#patch({ selfHeal: RECOVERY });
    const corrupt = this.fullNode?.status?.conditions?.find(({ type }) => type === 'CorruptData');
    if (corrupt?.reason === 'LimitReached') this.#forgetBrokenData();
    if (corrupt?.reason === 'NoSnapshot') this.#takeSnapshot();
    if (corrupt?.reason === 'ValidatorKey') this.#sayThatNobodySigns();
    if (this.fullNode?.spec.chain.config?.overrides === BAD_TOML) this.#setOverrides('moniker = "good"');
    if (this.fullNode?.metadata.annotations?.['nodewright.dev/paused'] === 'true')
      this.#annotate('nodewright.dev/paused', null);
  }

  #rollOut(spec: object): void {
    this.#world.invariants.restartCauseAt = this.#world.clock.now();
    this.#patch(spec);
  }

  #setOverrides(overrides: string): void {
    // Settings that cannot be read restart nobody; only what is good, and another, does.
    if (overrides !== BAD_TOML) this.#world.invariants.restartCauseAt = this.#world.clock.now();
    this.#patch({ chain: { config: { overrides } } });
  }

  #patch(spec: object): void {
    this.#world.say(`user: ${JSON.stringify(spec)}`);
    this.#world.api.patch(COSMOS_FULL_NODES, KEY, { spec }, 'user');
  }

  /** The chain decides on an upgrade that comes soon. */
  #upgrade(): void {
    const { random, fleet } = this.#world;
    const { chain, podTemplate } = this.fullNode?.spec ?? {};
    const versions = chain?.versions ?? [];
    if (podTemplate?.image === BAD_IMAGE || (versions.at(-1)?.height ?? 0) > fleet.chain) return;
    this.#world.invariants.restartCauseAt = this.#world.clock.now();
    const first = versions.length > 0 ? versions : [{ height: 0, image: podTemplate?.image }];
    const next = { height: fleet.chain + random.between(8, 25), image: `gaia:u${versions.length}` };
    this.#patch({ chain: { versions: [...first, next] } });
  }

  #annotate(name: string, value: string | null): void {
    if (name.endsWith('restartedAt')) this.#world.invariants.restartCauseAt = this.#world.clock.now();
    this.#world.say(`user: ${name}=${value}`);
    this.#world.api.patch(COSMOS_FULL_NODES, KEY, { metadata: { annotations: { [name]: value } } }, 'user');
  }

  /** As tools do, among them the label that selectors go by. */
  #label(): void {
    const labels = this.#world.random.pick([{ team: 'blue' }, { 'app.kubernetes.io/name': 'chart' }, { team: null }]);
    this.#world.api.patch(COSMOS_FULL_NODES, KEY, { metadata: { labels } }, 'user');
  }

  /** Of a node that is well; where there is none, nodes begin anew. */
  #takeSnapshot(): void {
    const { api, fleet, storage, random } = this.#world;
    if (api.list<VolumeSnapshot>(VOLUME_SNAPSHOTS).some(({ status }) => status?.readyToUse !== true)) return;
    const claims = api.list<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS);
    const sound = claims.filter((claim) => {
      const volume = storage.volumeOf(claim);
      return volume !== undefined && !volume.damaged && volume.height > fleet.chain / 2;
    });
    if (sound.length === 0) return;
    this.#snapshots++;
    const name = `snapshot-${this.#snapshots}`;
    this.#world.say(`user: takes ${name}`);
    api.create(
      VOLUME_SNAPSHOTS,
      {
        apiVersion: 'snapshot.storage.k8s.io/v1',
        kind: 'VolumeSnapshot',
        metadata: { namespace: KEY.namespace, name, labels: LABELS },
        spec: { source: { persistentVolumeClaimName: random.pick(sound).metadata.name } },
      } as VolumeSnapshot,
      'user',
    );
  }

  /** Claims with broken data, as the condition says; what is under way is left alone. */
  #forgetBrokenData(): void {
    const { api } = this.#world;
    for (const claim of api.list<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS)) {
      const isKept = claim.metadata.name.includes('-broken-') && recoveryOf(claim) === undefined;
      if (isKept && claim.metadata.deletionTimestamp === undefined)
        api.delete(PERSISTENT_VOLUME_CLAIMS, keyOf(claim), 'user');
    }
  }

  /** Of nodes that broke before they were ever in sync the operator does not know it; the person does. */
  #sayThatNobodySigns(): void {
    const { api } = this.#world;
    for (const claim of api.list<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS)) {
      const annotations = { 'nodewright.dev/signs-for': 'none' };
      api.patch(PERSISTENT_VOLUME_CLAIMS, keyOf(claim), { metadata: { annotations } }, 'user');
    }
  }

  #remove(type: ResourceType): void {
    const { api, random } = this.#world;
    const objects = api.list<KubeObject>(type, KEY.namespace);
    if (objects.length === 0) return;
    const object = random.pick(objects);
    if (type === PODS) this.#world.invariants.restartCauseAt = this.#world.clock.now();
    api.delete(type, keyOf(object as Pod), 'user');
  }

  #recreate(): void {
    const { api, clock } = this.#world;
    api.delete(COSMOS_FULL_NODES, KEY, 'user');
    this.#world.invariants.restartCauseAt = clock.now();
  }
}
