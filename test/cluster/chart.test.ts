/** The chart, as a user meets it: upgraded from the release before, rolled back, uninstalled and installed, beside nodes that go on. */
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadOwnImage } from '../../cluster/cluster.ts';
import { KINDS } from '../../src/kinds/index.ts';
import type { Condition, CustomResourceDefinition, KubeObject, Pod } from '../../src/kube/objects.ts';
import {
  CUSTOM_RESOURCE_DEFINITIONS,
  NAMESPACES,
  PODS,
  type ResourceType,
  SECRETS,
} from '../../src/kube/resource-types.ts';
import { CHART } from '../helm.ts';
import { listClaims, livesOfPods, removeResources } from './chart-namespaces.ts';
import { chartOperators } from './chart-operators.ts';
import { dist, isOwnCluster, kube, kubeconfig, kubectl, nodewright } from './cluster-access.ts';
import { useCosmosChain } from './cosmos-chain.ts';
import { createFullNode, untilInSync } from './cosmos-nodes.ts';
import { askAbout, askDashboard, logIn, readFleet } from './dashboard.ts';
import { expectNothingDenied } from './denied-requests.ts';
import { eventually } from './eventually.ts';
import { applyExamples, kindOf, readExamples } from './examples.ts';
import { conditionOf } from './kind-access.ts';
import { annotate, createNetwork, getNetwork, untilMoreBlocks, untilReady } from './network.ts';
import { helmRelease, operatorPods, ownVersion, untilReady as untilOperatorsReady } from './operator-in-cluster.ts';
import { withPortForward } from './port-forward.ts';
import { createNode, untilRunning, useSymbolWorld } from './symbol-nodes.ts';
import { countWrites, forgetWrites, noteWrites } from './write-counts.ts';

const RESOURCE_QUOTAS: ResourceType = {
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  namespaced: true,
};
const PREVIOUS = 'test/chart/previous';
/** The examples of HOPR are looked after with this. Nothing of it is there; what is missing is told. */
const HOPR = {
  'instance.name': 'hoprd-operator',
  'ingress.ingress_class_name': 'none',
  'ingress.dns_domain': 'example.org',
  'ingress.loadbalancer_ip': '203.0.113.7',
  'ingress.port_min': '9000',
  'ingress.port_max': '9060',
  hopli_image: 'registry.test/hopli:1',
  'persistence.size': '8Mi',
  'persistence.storage_class_name': 'none',
};

const suffix = randomBytes(3).toString('hex');
const operatorNamespace = `test-chart-${suffix}-operator`;
const examples = `test-chart-${suffix}-examples`;
/** Where the processes of the machine can be seen. */
const machinery = `test-chart-${suffix}-machine`;
const place = { namespace: `test-chart-${suffix}`, name: 'chain' };
/** Of nodes whose pods are as the originals of their kinds made them. */
const adopted = `test-chart-${suffix}-adopted`;
const nodeNamespaces = [place.namespace, adopted];
const fullNode = { namespace: adopted, name: 'hub' };
const symbolNode = { namespace: adopted, name: 'peer' };
const release = helmRelease(operatorNamespace);
const operators = chartOperators(operatorNamespace, machinery);
/** Other files of the run have operators of their own in other namespaces; all else is as the chart has it. */
const here = [`namespaces={${[...nodeNamespaces, examples]}}`];
const hopr = Object.entries(HOPR).map(([path, value]) => `hopr.config.${path}=${value}`);
const token = randomBytes(16).toString('hex');
let lives: Record<string, string> = {};
let frozen: Pod | undefined;
let failed = false;

beforeAll(async () => {
  const profiles = { [operatorNamespace]: 'restricted', [place.namespace]: 'restricted', [machinery]: 'privileged' };
  for (const [name, enforce] of Object.entries({ ...profiles, [adopted]: 'baseline', [examples]: 'baseline' })) {
    const labels = { 'pod-security.kubernetes.io/enforce': enforce };
    await kube.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
  }
  // The examples are to be looked after, not to run: that would take more than this machine has.
  const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { namespace: examples, name: 'no-pods' } };
  await kube.create(RESOURCE_QUOTAS, { ...quota, spec: { hard: { pods: '0' } } } as KubeObject);
});
const chain = useCosmosChain({ otherNamespace: machinery });
const world = useSymbolWorld({ namespace: adopted, otherNamespace: machinery });

beforeEach(({ onTestFailed }) => {
  if (failed) throw new Error('a test before this one failed');
  onTestFailed(async () => {
    failed = true;
    console.log(await kubectl('get', 'pods,jobs,events', '--namespace', operatorNamespace));
    console.log(
      (await operators.logs())
        .split('\n')
        .slice(-30)
        .map((line) => line.slice(0, 400))
        .join('\n'),
    );
  });
});

afterAll(async () => {
  await release.uninstall().catch(() => {});
  if (frozen !== undefined) await forgetWrites(frozen);
  await removeResources([...nodeNamespaces, examples]);
  const namespaces = [...nodeNamespaces, examples, machinery, operatorNamespace];
  await kubectl('delete', 'namespace', '--wait=false', ...namespaces);
});

describe('from one release to the next', () => {
  it('an upgrade restarts no node', async () => {
    const [chart, version] = findPrevious();
    // Elsewhere whoever named the cluster has one image; then it has one name.
    if (isOwnCluster) await loadOwnImage({ name: `nodewright/nodewright:${version}`, dist, print: () => {} });
    await release.install(chart, [...here, `image.tag=${isOwnCluster ? version : ownVersion()}`]);
    await untilOperatorsReady(operatorNamespace, 2, 90);
    await Promise.all([
      createNetwork(place, { validators: { replicas: 2 } }).then(() => untilReady(place)),
      createFullNode(fullNode, chain, { replicas: 2 }).then(() => untilInSync(fullNode, 2)),
      createNode(symbolNode, world).then(() => untilRunning(symbolNode)),
    ]);
    lives = await livesOfPods(nodeNamespaces);
    expect(Object.keys(lives)).toHaveLength(5);

    await release.upgrade(CHART, here);
    await untilOperatorsReady(operatorNamespace, 2, 90);
    await operators.untilLooked();
    if (isOwnCluster) await untilPending('True');
    expect(await livesOfPods(nodeNamespaces)).toEqual(lives);
  });

  it('and a rollback neither', async () => {
    await release.rollback();
    await untilOperatorsReady(operatorNamespace, 2, 90);
    await operators.untilLooked();
    await untilPending('False');
    await untilMoreBlocks(place, 'validator-0');
    expect(await livesOfPods(nodeNamespaces)).toEqual(lives);
  });

  it('without the operator the nodes go on, and nothing of theirs is gone', async () => {
    expectNothingDenied(await operators.logs());
    const claims = await listClaims(nodeNamespaces);
    await release.uninstall();
    expect(await operatorPods(operatorNamespace)).toEqual([]);
    await untilMoreBlocks(place, 'validator-0');
    expect(await livesOfPods(nodeNamespaces)).toEqual(lives);
    expect(await listClaims(nodeNamespaces)).toEqual(claims);
    for (const kind of KINDS.filter(({ isEnabled }) => isEnabled === undefined)) {
      const { name } = kind.crd().metadata;
      const crd = await kube.get<CustomResourceDefinition>(CUSTOM_RESOURCE_DEFINITIONS, { name });
      expect(crd?.metadata.deletionTimestamp).toBeUndefined();
      expect(crd?.metadata.annotations).toMatchObject({ 'helm.sh/resource-policy': 'keep' });
    }
  });
});

describe('installed', () => {
  it('two operators are ready within 15 seconds', async () => {
    let seconds = await timeInstallation();
    // What it takes by itself: other files of the run may have the whole machine for a while.
    for (let tries = 1; seconds >= 15 && tries < 4; tries++) {
      await release.uninstall();
      seconds = await timeInstallation();
    }
    expect(seconds).toBeLessThan(15);
    await operators.untilLooked();
    expect(await livesOfPods(nodeNamespaces)).toEqual(lives);
  });

  it('every example is taken and looked after', async () => {
    const objects = readExamples();
    const known = objects.filter((object) => kindOf(object) !== undefined);
    expect(new Set(known.map(kindOf))).toEqual(new Set(KINDS));
    await applyExamples(objects, examples);
    await eventually(90, async () => {
      for (const object of known) {
        const key = { namespace: examples, name: object.metadata.name };
        const live = await kube.get<Resource>(kindOf(object)?.type as ResourceType, key);
        const what = `${object.kind} ${object.metadata.name}`;
        if (live?.status === undefined) throw new Error(`${what} has no status`);
        const managed = conditionOf(live, 'Managed');
        if (managed?.status === 'False') throw new Error(`${what} is left alone: ${managed.message}`);
      }
    });
  });

  it('the dashboard shows every resource, with what is planned and has happened, to who has the token', async () => {
    // As it is by default: on loopback, for who may reach the pod.
    await withPortForward(operatorNamespace, 'deployment/nodewright', 8090, async (url) => {
      expect((await askDashboard(url, '/api/access', undefined)).status).toBe(200);
    });
    const metadata = { namespace: operatorNamespace, name: 'dashboard' };
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { token } };
    await kube.create(SECRETS, secret as KubeObject);
    const exposed = ['dashboard.expose=true', 'dashboard.tokenSecret.name=dashboard'];
    await release.upgrade(CHART, [...here, ...hopr, ...exposed]);
    await untilOperatorsReady(operatorNamespace, 2, 60);
    await operators.untilLooked();
    await withPortForward(operatorNamespace, 'service/nodewright-dashboard', 80, async (url) => {
      for (const wrong of [undefined, `${token}0`])
        for (const path of ['access', 'stream', 'plan', 'events'])
          expect((await askDashboard(url, `/api/${path}`, wrong)).status).toBe(401);
      const page = await askDashboard(url, '/', undefined);
      expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<title>Nodewright')]);
      expect((await askDashboard(url, '/api/access', token)).status).toBe(200);
      expect(new Set((await readFleet(url, await logIn(url, token))).map(kindOf))).toEqual(new Set(KINDS));
    });
    const leader = await operators.leadingPod();
    await withPortForward(operatorNamespace, `pod/${leader.metadata.name}`, 8090, async (url) => {
      const isPending: boolean[] = [];
      for (const view of await readFleet(url, await logIn(url, token))) {
        const { changes, waits } = await askAbout(url, token, 'plan', view);
        isPending.push(changes.length + waits.length > 0);
        const events = await askAbout(url, token, 'events', view);
        if (view.namespace !== examples) expect(events.length).toBeGreaterThan(0);
      }
      // The examples have no pods, which they should have.
      expect(isPending).toContain(true);
    });
    expectNothingDenied(await operators.logs());
  });

  it('a leader that is frozen loses the Lease within 20 seconds, and writes nothing when it wakes', async () => {
    const [leader, standby] = await operators.leaderAndStandby();
    frozen = leader;
    await noteWrites(leader);
    await eventually(30, async () => {
      const paused = (await getNetwork(place)).metadata.annotations?.['nodewright.dev/paused'] !== 'true';
      await annotate(place, { 'nodewright.dev/paused': paused ? 'true' : null });
      expect(await countWrites(leader)).toBeGreaterThan(0);
    });
    expect(await operators.writesOf(standby)).toBe(0);

    const before = await operators.holder();
    await operators.signal(leader, 'STOP');
    const seconds = operators.secondsToTakeOver(standby, before, Date.now());
    // Something to do for whoever leads, and for whoever thinks so.
    await annotate(place, { 'nodewright.dev/paused': 'true' });
    expect(await seconds).toBeLessThan(20);
    await annotate(place, { 'nodewright.dev/paused': null });
    const written = await countWrites(leader);
    await operators.signal(leader, 'CONT');
    await eventually(30, async () => {
      const live = await kube.get<Pod>(PODS, { namespace: operatorNamespace, name: leader.metadata.name });
      const { lastState, ready } = live?.status?.containerStatuses?.[0] ?? {};
      // By itself: not killed by anybody, who might have come too late.
      expect({ ready, exitCode: lastState?.terminated?.exitCode }).toEqual({ ready: true, exitCode: 1 });
    });
    await eventually(30, async () => expect(await operators.writesOf(standby)).toBeGreaterThan(0));
    expect(await countWrites(leader)).toBe(written);
    expect(await livesOfPods(nodeNamespaces)).toEqual(lives);
  });

  it('when the leader is killed, the other takes over within 20 seconds, and writes only then', async () => {
    const [leader, standby] = await operators.leaderAndStandby();
    expect(await operators.writesOf(standby)).toBe(0);
    const before = await operators.holder();
    await operators.signal(leader, 'KILL');
    const seconds = operators.secondsToTakeOver(standby, before, Date.now());
    await annotate(place, { 'nodewright.dev/paused': 'true' });
    // The kubelet starts it again at once, and then it is a candidate as the other is; the second time it takes longer.
    await eventually(10, () => operators.signal(leader, 'KILL'));
    expect(await seconds).toBeLessThan(20);
    await eventually(30, async () => expect(await operators.writesOf(standby)).toBeGreaterThan(0));
    await annotate(place, { 'nodewright.dev/paused': null });
    expect(await livesOfPods(nodeNamespaces)).toEqual(lives);
  });

  it('whoever leaves sets resources free, and can delete them then', async () => {
    expectNothingDenied(await operators.logs());
    const refused = await nodewright(...releaseArgs());
    expect(refused.stderr).toContain('would put the finalizers back');
    await release.uninstall();
    const { code, stdout, stderr } = await nodewright(...releaseArgs());
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('tendermintnetworks.nodewright.dev/chain');
    expect(await livesOfPods(nodeNamespaces)).toEqual(lives);
    await untilMoreBlocks(place, 'validator-0');
    const inPlace = ['--namespace', place.namespace, '--timeout=30s'];
    await kubectl('delete', 'tendermintnetworks.nodewright.dev', 'chain', ...inPlace);
  });
});

type Resource = KubeObject & { status?: { conditions?: Condition[] } };

/** The package of the release before, and its version. */
function findPrevious(): [string, string] {
  const file = readdirSync(PREVIOUS).find((name) => name.endsWith('.tgz')) ?? '';
  const version = /^nodewright-(.+)\.tgz$/.exec(file)?.[1];
  if (version === undefined) throw new Error(`there is no package in ${PREVIOUS}`);
  return [join(PREVIOUS, file), version];
}

function releaseArgs(): string[] {
  const operator = ['--kubeconfig', kubeconfig, '--operator-namespace', operatorNamespace];
  return ['release', ...operator, '--namespace', place.namespace];
}

async function timeInstallation(): Promise<number> {
  const begin = Date.now();
  await release.install(CHART, [...here, ...hopr]);
  await untilOperatorsReady(operatorNamespace, 2, 60);
  const seconds = (Date.now() - begin) / 1000;
  console.log(`ready ${seconds} s after helm install`);
  return seconds;
}

async function untilPending(status: Condition['status']): Promise<void> {
  await eventually(60, async () => {
    const pending = conditionOf(await getNetwork(place), 'UpdatePending');
    if ((pending?.status ?? 'False') !== status) throw new Error(`UpdatePending is ${JSON.stringify(pending)}`);
  });
}
