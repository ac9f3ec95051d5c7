import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadOwnImage } from '../../cluster/cluster.ts';
import type { Service } from '../../src/kube/objects.ts';
import { SERVICES } from '../../src/kube/resource-types.ts';
import { dist, isOwnCluster, kube, kubectl } from './cluster-access.ts';
import { eventually } from './eventually.ts';
import { conditionOf } from './kind-access.ts';
import {
  createNetwork,
  getNetwork,
  lifeOfPods,
  nodePod,
  nodePods,
  untilCondition,
  untilMoreBlocks,
  untilReady,
} from './network.ts';
import { startSiteOperator, useSite } from './site.ts';

const site = useSite('upgrade');
const place = () => ({ namespace: site.namespace, name: 'chain' });
const NEXT_VERSION = '0.9.0-next';
const LABEL = 'example.com/of-a-later-release';

describe('upgrade', () => {
  it('to a release with another image and one more label restarts no node', async () => {
    await createNetwork(place(), { validators: { replicas: 2 }, fullNodes: { replicas: 1 } });
    await untilReady(place());
    const before = await lifeOfPods(place());
    await site.operator.end();
    site.operator = await startSiteOperator(site, undefined, join(await buildNextRelease(), 'main.js'));

    const message = await untilCondition(place(), 'UpdatePending', { status: 'True', reason: 'WaitsForRestart' });
    expect(message).toContain('the pod as this version of Nodewright makes it');
    await eventually(30, async () => {
      for (const pod of await nodePods(place())) expect(pod.metadata.labels).toHaveProperty([LABEL], 'yes');
      const services = await kube.list<Service>(SERVICES, { namespace: site.namespace });
      for (const service of services) expect(service.metadata.labels).toHaveProperty([LABEL], 'yes');
    });
    await untilMoreBlocks(place(), 'validator-0', 5);
    expect(await lifeOfPods(place())).toEqual(before);
    expect((await untilReady(place())).status?.phase).toBe('Running');
  });

  it('what waits comes with the next restart of a node', async () => {
    expect(await agentImageOf('full-0')).not.toContain(NEXT_VERSION);
    await kubectl('delete', 'pod', 'chain-full-0', '--namespace', site.namespace);
    await eventually(60, async () =>
      expect(await agentImageOf('full-0')).toBe(`nodewright/nodewright:${NEXT_VERSION}`),
    );
    // Elsewhere nobody has that image.
    if (isOwnCluster) await untilReady(place());
    await eventually(60, async () => {
      const pending = conditionOf(await getNetwork(place()), 'UpdatePending');
      expect(pending?.message).toMatch(/^the next restart of validator-0, validator-1 brings/);
    });
  });

  it('and back again restarts no node either', async () => {
    const before = await lifeOfPods(place());
    await site.operator.end();
    site.operator = await startSiteOperator(site);
    await eventually(60, async () => {
      const pending = conditionOf(await getNetwork(place()), 'UpdatePending');
      expect(pending?.message).toMatch(/^the next restart of full-0 brings/);
    });
    await untilMoreBlocks(place(), 'validator-0', 3);
    expect(await lifeOfPods(place())).toEqual(before);
  });
});

async function agentImageOf(node: string): Promise<string | undefined> {
  const pod = await nodePod(place(), node);
  return pod.spec?.initContainers?.find((container) => container.name === 'init-home')?.image;
}

/** The program as a later release may have it: another version, and with it another image, and a label that this one does not know. */
async function buildNextRelease(): Promise<string> {
  const next = mkdtempSync(join(tmpdir(), 'nodewright-next-'));
  cpSync(dist, next, { recursive: true });
  cpSync('image/package.json', join(next, 'package.json'));
  const main = join(next, 'main.js');
  const text = readFileSync(main, 'utf8');
  const version = replaceOnce(text, /VERSION="[^"]+",\s*OWN_IMAGE=/, `VERSION="${NEXT_VERSION}",OWN_IMAGE=`);
  writeFileSync(
    main,
    replaceOnce(version, /\[LABEL_NAME\]:\s*"cometbft",/, `[LABEL_NAME]:"cometbft","${LABEL}":"yes",`),
  );
  if (isOwnCluster) await loadOwnImage({ name: `nodewright/nodewright:${NEXT_VERSION}`, dist: next, print: () => {} });
  return next;
}

function replaceOnce(text: string, pattern: RegExp, replacement: string): string {
  const parts = text.split(pattern);
  if (parts.length !== 2) throw new Error(`${pattern} is ${parts.length - 1} times in the program, and not once`);
  return parts.join(replacement);
}
