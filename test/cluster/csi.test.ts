/** The storage on which snapshots are tested: does it do what a real one does, and what its classes say? */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NAMESPACES, VOLUME_SNAPSHOTS } from '../../src/kube/resource-types.ts';
import { isOwnCluster, kube, kubectl } from './cluster-access.ts';
import {
  createClaim,
  createHolder,
  createSnapshot,
  growClaim,
  inHolder,
  parseSizeMiB,
  TEST_CSI,
  untilCapacity,
  untilClaimCondition,
  untilSnapshot,
  untilVolumeGrown,
  wakeKubelet,
} from './csi-claims.ts';

const namespace = `test-csi-${randomBytes(3).toString('hex')}`;
const at = (name: string) => ({ namespace, name });
const sizeOf = async (name: string) => parseSizeMiB(await inHolder(at(name), 'df -k .'));

describe.skipIf(!isOwnCluster)('storage for tests', () => {
  beforeAll(async () => {
    await kube.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    await createClaim(at('first'), '64Mi');
    await createClaim(at('unused'), '64Mi', { storageClassName: `${TEST_CSI}-grows-unused` });
    await Promise.all([createHolder(at('first')), createHolder(at('unused'))]);
    await inHolder(at('first'), 'echo first >mark; sync');
    await inHolder(at('unused'), 'echo unused >mark');
  });
  afterAll(async () => {
    await kubectl('delete', 'namespace', namespace, '--wait=false');
  });

  it('gives a volume of the size that was claimed, and a full one is full', async () => {
    const size = await sizeOf('first');
    expect(size).toBeGreaterThan(48);
    expect(size).toBeLessThanOrEqual(64);
    const filled = await inHolder(at('first'), 'dd if=/dev/zero of=filler bs=1M count=80 2>&1 || rm filler');
    expect(filled).toContain('No space left on device');
  });

  it('copies what there was when the snapshot was taken, to a volume that may be larger', async () => {
    await createSnapshot(at('cut'), 'first');
    const { status } = await untilSnapshot(at('cut'), 'ready', ({ readyToUse }) => readyToUse === true);
    expect(status?.restoreSize).toBe('64Mi');
    await inHolder(at('first'), 'echo later >mark');
    await createClaim(at('copy'), '96Mi', { snapshot: 'cut' });
    await createHolder(at('copy'));
    expect(await inHolder(at('copy'), 'cat mark; ls')).toBe('first\nmark');
    expect(await sizeOf('copy')).toBeGreaterThan(72);
    expect(await inHolder(at('first'), 'cat mark')).toBe('later');
  });

  it('grows a volume while a pod uses it', async () => {
    await growClaim(at('first'), '128Mi');
    await untilVolumeGrown(at('first'), '128Mi');
    await wakeKubelet(at('first'));
    await untilCapacity(at('first'), '128Mi');
    expect(await sizeOf('first')).toBeGreaterThan(100);
  });

  it('grows one of the other class once its pod was replaced', async () => {
    await growClaim(at('unused'), '128Mi');
    await untilClaimCondition(at('unused'), 'FileSystemResizePending');
    await wakeKubelet(at('unused'));
    expect(await sizeOf('unused')).toBeLessThan(72);
    await kubectl('delete', 'pod', 'unused', '--namespace', namespace);
    await createHolder(at('unused'));
    await untilCapacity(at('unused'), '128Mi');
    expect(await sizeOf('unused')).toBeGreaterThan(100);
    expect(await inHolder(at('unused'), 'cat mark')).toBe('unused');
  });

  it('takes snapshots that are slow, fail, or are never ready', async () => {
    for (const way of ['slow', 'never', 'failed']) await createSnapshot(at(way), 'first', `${TEST_CSI}-${way}`);
    const isCut = ({ creationTime }: { creationTime?: string }) => creationTime !== undefined;
    expect((await untilSnapshot(at('slow'), 'cut', isCut)).status?.readyToUse).toBe(false);
    expect((await untilSnapshot(at('never'), 'cut', isCut)).status?.readyToUse).toBe(false);
    const failed = await untilSnapshot(at('failed'), 'failed', ({ error }) => error?.message !== undefined);
    expect(failed.status?.error?.message).toContain('the test wants this snapshot to fail');
    expect(failed.status?.readyToUse).toBe(false);
    await untilSnapshot(at('slow'), 'ready', ({ readyToUse }) => readyToUse === true);
    const never = await untilSnapshot(at('never'), 'cut', isCut);
    expect(never.status?.readyToUse).toBe(false);
    await kubectl('delete', 'volumesnapshot', '--all', '--namespace', namespace);
    expect(await kube.list(VOLUME_SNAPSHOTS, { namespace })).toEqual([]);
  });
});
