import { describe, expect, it } from 'vitest';
import type { Lease, PersistentVolumeClaim, Secret } from '../../src/kube/objects.ts';
import { LEASES, PERSISTENT_VOLUME_CLAIMS, SECRETS } from '../../src/kube/resource-types.ts';
import { statusOf } from './chain.ts';
import { kube, kubectl } from './cluster-access.ts';
import { eventually } from './eventually.ts';
import {
  createNetwork,
  deleteNetwork,
  eventNotes,
  getNetwork,
  lifeOfPods,
  nodePod,
  nodePods,
  patchSpec,
  untilCondition,
  untilMoreBlocks,
  untilReady,
} from './network.ts';
import { useSite } from './site.ts';

const KEY_FILE = 'priv_validator_key.json';

const site = useSite('keys');
const chain = () => ({ namespace: site.namespace, name: 'chain' });
const inChain = (name: string) => ({ namespace: site.namespace, name });

describe('validator keys', () => {
  it('a copy of a key is refused in another namespace, and the first network goes on', async () => {
    await createNetwork(chain());
    await untilReady(chain());
    const before = await lifeOfPods(chain());
    const thief = { namespace: site.otherNamespace, name: 'thief' };
    await copyKey('copied', 'mine.json');
    await createNetwork(thief, {
      chainId: 'chain-1',
      validators: { nodes: [{ name: 'one', keySecret: { name: 'copied', key: 'mine.json' } }] },
    });
    const message = await untilCondition(thief, 'Ready', { status: 'False', reason: 'ValidatorKeyInUse' });
    expect(message).toContain(`is reserved for chain chain-1 by ${site.namespace}/chain/validator-0`);
    await eventually(30, async () => expect(await eventNotes(thief, 'ValidatorKeyInUse')).toEqual([message]));
    expect((await getNetwork(thief)).status?.phase).toBe('Invalid');
    await untilMoreBlocks(chain(), 'validator-0');
    expect(await nodePods(thief)).toEqual([]);
    expect(await lifeOfPods(chain())).toEqual(before);
    await deleteNetwork(thief);
    expect(await reservationsOf('chain')).toHaveLength(4);
  });

  it('the same key for two nodes of one network is refused', async () => {
    const twins = { namespace: site.otherNamespace, name: 'twins' };
    const keySecret = { name: 'copied', key: 'mine.json' };
    await createNetwork(twins, {
      validators: {
        nodes: [
          { name: 'one', keySecret },
          { name: 'two', keySecret },
        ],
      },
    });
    const message = await untilCondition(twins, 'Ready', { status: 'False', reason: 'ValidatorKeyInUse' });
    expect(message).toMatch(/node two has the same validator key .* as node one/);
    await deleteNetwork(twins);
  });

  it('a key Secret that is missing or malformed is named, and taken as soon as it is right', async () => {
    const place = { namespace: site.otherNamespace, name: 'brought' };
    await createNetwork(place, { validators: { nodes: [{ name: 'one', keySecret: { name: 'late' } }] } });
    const missing = await untilCondition(place, 'Ready', { status: 'False', reason: 'KeyUnusable' });
    expect(missing).toContain(`Secret late does not exist; create it with the member ${KEY_FILE}`);
    await putSecret('late', { other: 'x' });
    await untilMessage(place, `Secret late has no member ${KEY_FILE} (found other)`);
    await putSecret('late', { [KEY_FILE]: '{"address": "00"' });
    await untilMessage(place, 'key of node one');
    const { validator_info } = await statusOf(await nodePod(chain(), 'validator-3'));
    await putSecret('late', { [KEY_FILE]: await keyOfNode('validator-3') });
    const { status } = await untilReady(place);
    // The same key on another chain is another validator.
    expect(status?.nodes?.[0]?.address).toBe(validator_info.address);
    await deleteNetwork(place);
  });

  it('a validator whose volume is lost does not sign until a person accepts that', async () => {
    const claim = await kube.get<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS, inChain('chain-validator-1'));
    const { validator_info } = await statusOf(await nodePod(chain(), 'validator-1'));
    await kubectl(
      'delete',
      'persistentvolumeclaim',
      'chain-validator-1',
      '--wait=false',
      '--namespace',
      site.namespace,
    );
    await kubectl('delete', 'pod', 'chain-validator-1', '--namespace', site.namespace);
    const message = await untilCondition(chain(), 'Ready', { status: 'False', reason: 'SignStateLost' });
    expect(message).toContain(`add ${claim?.metadata.uid} to spec.acceptSignStateLoss`);
    await untilMoreBlocks(chain(), 'validator-0', 3);
    expect((await nodePods(chain())).map((pod) => pod.metadata.name)).not.toContain('chain-validator-1');
    expect(await kube.get(PERSISTENT_VOLUME_CLAIMS, inChain('chain-validator-1'))).toBeUndefined();

    await patchSpec(chain(), { acceptSignStateLoss: [claim?.metadata.uid] });
    await untilReady(chain());
    await untilMoreBlocks(chain(), 'validator-1');
    expect((await statusOf(await nodePod(chain(), 'validator-1'))).validator_info.address).toBe(validator_info.address);
  });

  it('a key that is lost is not replaced by another', async () => {
    const kept = await kube.get<Secret>(SECRETS, inChain('chain-validator-2'));
    const before = await lifeOfPods(chain());
    await kubectl('delete', 'secret', 'chain-validator-2', '--namespace', site.namespace);
    const message = await untilCondition(chain(), 'Ready', { status: 'False', reason: 'ValidatorKeyLost' });
    expect(message).toContain('Bring the Secret back from a backup');
    await untilMoreBlocks(chain(), 'validator-0', 3);
    expect(await kube.get(SECRETS, inChain('chain-validator-2'))).toBeUndefined();
    expect(await lifeOfPods(chain())).toEqual(before);
    const {
      resourceVersion: _version,
      uid: _uid,
      creationTimestamp: _time,
      managedFields: _fields,
      ...metadata
    } = kept?.metadata ?? { name: '' };
    await kube.create(SECRETS, { ...(kept as Secret), metadata });
    await untilReady(chain());
    expect(await lifeOfPods(chain())).toEqual(before);
  });

  it('the API server refuses volumes that shrink, and a genesis that changes', async () => {
    const patch = (spec: object) =>
      kubectl(
        ...['patch', 'tendermintnetwork', 'chain', '--namespace', site.namespace],
        ...['--type', 'merge', '--patch', JSON.stringify({ spec })],
      );
    await expect(patch({ storage: { size: '1Mi' } })).rejects.toThrow('a volume cannot shrink');
    await expect(patch({ genesis: { initialHeight: 5 } })).rejects.toThrow('the genesis cannot change');
    await expect(patch({ chainId: 'other-1' })).rejects.toThrow(
      'the chain id is part of the genesis and cannot change',
    );
  });
});

async function keyOfNode(node: string): Promise<string> {
  const secret = await kube.get<Secret>(SECRETS, inChain(`chain-${node}`));
  return Buffer.from(secret?.data?.[KEY_FILE] ?? '', 'base64').toString('utf8');
}

async function copyKey(name: string, file: string): Promise<void> {
  await putSecret(name, { [file]: await keyOfNode('validator-0') });
}

/** In the other namespace; replaces what is there. */
async function putSecret(name: string, stringData: Record<string, string>): Promise<void> {
  const key = { namespace: site.otherNamespace, name };
  const found = await kube.get(SECRETS, key);
  if (found !== undefined) await kube.delete(SECRETS, key, { uid: found.metadata.uid as string });
  await kube.create<Secret>(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata: key, type: 'Opaque', stringData });
}

async function untilMessage(place: { namespace: string; name: string }, text: string): Promise<void> {
  await eventually(30, async () => {
    const ready = (await getNetwork(place)).status?.conditions?.find(({ type }) => type === 'Ready');
    expect(ready?.message).toContain(text);
  });
}

async function reservationsOf(network: string): Promise<Lease[]> {
  const leases = await kube.list<Lease>(LEASES, { namespace: site.operatorNamespace });
  return leases.filter((lease) => lease.spec?.holderIdentity?.startsWith(`${site.namespace}/${network}/`));
}
