import { beforeAll, describe, expect, it } from 'vitest';
import { statusOf } from './chain.ts';
import { kubeconfig, kubectl, nodewright } from './cluster-access.ts';
import { NEXT_SIMD_IMAGE, SIMD_IMAGE, useCosmosChain } from './cosmos-chain.ts';
import {
  createFullNode,
  eventsOf,
  getFullNode,
  initLog,
  inNode,
  nodePod,
  nodePods,
  patchSpec,
  untilCondition,
  untilInSync,
  useCosmosSite,
} from './cosmos-nodes.ts';
import { committedHeight, followReadyMessages, observeVersions } from './cosmos-observer.ts';
import { eventually } from './eventually.ts';
import { startSiteOperator } from './site.ts';

const site = useCosmosSite('cosmos-upgrade');
// Its validator has no halt height: the chain goes on, whatever becomes of the nodes that follow it.
const chain = useCosmosChain(site, { slow: true });
const place = () => ({ namespace: site.namespace, name: 'full' });
/** A node that is to stop at a height and that nothing is to come after. */
const stopped = () => ({ namespace: site.namespace, name: 'stopped' });

const OLD = { height: 0, image: SIMD_IMAGE };
/** Nodes that come to their halt height while they catch up end instead of halting, so all have to be in sync before: in five minutes. */
const BLOCKS_TO_START = 60;
/** Of twenty seconds, on a machine that runs other files' chains at the same time. */
const ENOUGH_SAMPLES = 15;
const NAMES = ['full-0', 'full-1', 'full-2', 'full-3'];

let upgradeHeight = 0;
let observer: ReturnType<typeof observeVersions>;
let told: ReturnType<typeof followReadyMessages>;

beforeAll(async () => {
  upgradeHeight = (await chain.height()) + BLOCKS_TO_START;
  const next = { height: upgradeHeight, image: NEXT_SIMD_IMAGE, setHaltHeight: true };
  await createFullNode(place(), chain, { chain: { versions: [OLD, next] } });
  await createFullNode(stopped(), chain, {
    replicas: 1,
    chain: { app: { minGasPrice: '0stake', haltHeight: upgradeHeight } },
  });
  observer = observeVersions(place());
  told = followReadyMessages(place());
});

describe('an upgrade at a height', () => {
  it('stops every node there', async () => {
    await Promise.all([untilInSync(place(), 3), untilInSync(stopped(), 1)]);
    await chain.hurry();
    await eventually(90, () => {
      const committed = observer.samples.at(-1)?.nodes.map((node) => node.committed);
      expect(committed).toEqual([upgradeHeight, upgradeHeight, upgradeHeight]);
    });
    await eventually(30, async () => expect(await chain.height()).toBeGreaterThan(upgradeHeight + 1));
  });

  it('goes on although nodes end, are deleted and join meanwhile, and the operator is killed', async () => {
    // It cannot go on there with the image that it has.
    await inNode(place(), 0, 'kill 1');
    await kubectl('delete', 'pod', 'full-1', '--wait=false', '--namespace', site.namespace);
    // It begins at the first block, with the image of then.
    await patchSpec(place(), { replicas: 4 });
    await eventually(90, () => {
      const images = observer.samples.at(-1)?.nodes.map(({ image }) => image);
      expect(images).toContain(SIMD_IMAGE);
      expect(images).toContain(NEXT_SIMD_IMAGE);
    });
    await site.operator.end('SIGKILL');
    site.operator = await startSiteOperator(site);
    await untilInSync(place(), 4);
    for (const pod of await nodePods(place())) expect(await committedHeight(pod)).toBeGreaterThan(upgradeHeight);
  });

  it('had no node on a wrong image at any time', async () => {
    const samples = await observer.stop();
    const running = samples.flatMap(({ nodes }) => nodes).filter(({ started }) => started);
    for (const { pod, image, committed } of running) {
      if (committed === undefined) continue;
      const where = `${pod} with ${image}`;
      if (image === SIMD_IMAGE) expect(committed, where).toBeLessThanOrEqual(upgradeHeight);
      else expect(committed, where).toBeGreaterThanOrEqual(upgradeHeight);
    }
    for (const name of NAMES) {
      const seen = running.filter(({ pod }) => pod === name);
      const images = seen.map(({ image }) => image);
      // Pods whose node never ran do not count: theirs may have been the wrong image, which is why it did not run.
      const inOrder = images.filter((image, index) => image !== images[index - 1]);
      expect(inOrder, name).toEqual([SIMD_IMAGE, NEXT_SIMD_IMAGE]);
      expect(seen.find(({ committed = 0 }) => committed > upgradeHeight)?.image, name).toBe(NEXT_SIMD_IMAGE);
    }
    // It stood there for as long as it takes to be certain that it stands.
    const atHeight = running.filter(({ pod, committed }) => pod === 'full-2' && committed === upgradeHeight);
    expect(atHeight.length).toBeGreaterThan(ENOUGH_SAMPLES);
  });

  it('is told by status, events and logs', async () => {
    const words = `full-2 is Halted (it has stopped at height ${upgradeHeight}: its next version is due)`;
    // It stands no longer than it takes to stop the node.
    expect(told.messages).toContainEqual(expect.stringContaining(words));
    told.stop();
    const restarts = (await eventsOf(place())).filter((event) => event.startsWith('Restarting: '));
    expect(restarts).toContainEqual(
      expect.stringMatching(`full-2.*${SIMD_IMAGE} → ${NEXT_SIMD_IMAGE}, at height ${upgradeHeight + 2}`),
    );
    expect(await initLog(place(), 3, 'version-check')).toContain(`${NEXT_SIMD_IMAGE} is the right image`);
  });
});

describe('a node that has come to its halt height', () => {
  const isHalted = () =>
    untilCondition(stopped(), 'Ready', {
      status: 'False',
      reason: 'NodesNotInSync',
      message: /stopped-0 is Halted \(it has stopped at height \d+: spec\.chain\.app\.haltHeight says so\)/,
    });

  const shownStatus = async () =>
    (await nodewright('status', 'stopped', '--kubeconfig', kubeconfig, '-n', site.namespace)).stdout;

  it('answers as if it were in sync, but is Halted', async () => {
    await isHalted();
    const { status } = await getFullNode(stopped());
    expect(status?.inSync).toBe('0/1');
    expect(status?.sync?.['stopped-0']).toMatchObject({ inSync: false, height: upgradeHeight + 1 });
    expect(status?.sync?.['stopped-0']).not.toHaveProperty('error');
    const pod = await nodePod(stopped(), 0);
    const { sync_info } = await statusOf(pod);
    expect(sync_info).toMatchObject({ catching_up: false, latest_block_height: `${upgradeHeight + 1}` });
    expect(await committedHeight(pod)).toBe(upgradeHeight);
    // Who asks for the first time goes by the time of the last block.
    await eventually(90, async () => expect(await shownStatus()).toMatch(/stopped-0 .*Halted/));
    expect((await eventsOf(stopped())).filter((event) => event.startsWith('Restarting'))).toEqual([]);
  });

  it('stays so when it is started again, which it does not survive', async () => {
    await inNode(stopped(), 0, 'kill 1');
    await eventually(60, async () => {
      const node = (await nodePod(stopped(), 0)).status?.containerStatuses?.find(({ name }) => name === 'node');
      expect(node?.state?.waiting?.reason).toBe('CrashLoopBackOff');
    });
    expect(await shownStatus()).toMatch(/stopped-0 .*Halted/);
    await isHalted();
  });
});
