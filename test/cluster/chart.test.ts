/** The chart, as a user meets it: upgraded from the release before, rolled back, uninstalled and installed, beside nodes that go on. */
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadOwnImage } from '../../cluster/cluster.ts';
import { KINDS } from '../../src/kinds/index.ts';
import type { Condition, CustomResourceDefinition, KubeObject, Lease, Pod } from '../../src/kube/objects.ts';
import {
  apiVersionOf,
  CUSTOM_RESOURCE_DEFINITIONS,
  LEASES,
  NAMESPACES,
  PERSISTENT_VOLUME_CLAIMS,
  type ResourceType,
} from '../../src/kube/resource-types.ts';
import { CHART } from '../helm.ts';
import { getFromPod } from './chain.ts';
import { dist, isOwnCluster, kube, kubeconfig, kubectl, nodewright } from './cluster-access.ts';
import { expectNothingDenied } from './denied-requests.ts';
import { eventually } from './eventually.ts';
import { applyExamples, kindOf, readExamples } from './examples.ts';
import { conditionOf } from './kind-access.ts';
import { annotate, createNetwork, getNetwork, lifeOfPods, untilMoreBlocks, untilReady } from './network.ts';
import { signalProgram } from './node-process.ts';
import { helmRelease, operatorPods, ownVersion, untilReady as untilOperatorsReady } from './operator-in-cluster.ts';

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
const release = helmRelease(operatorNamespace);
/** Other files of the run have operators of their own in other namespaces; all else is as the chart has it. */
const here = [`namespaces={${place.namespace},${examples}}`];
const hopr = Object.entries(HOPR).map(([path, value]) => `hopr.config.${path}=${value}`);
let life: Record<string, string> = {};
let failed = false;

beforeAll(async () => {
  const profiles = { [operatorNamespace]: 'restricted', [place.namespace]: 'restricted', [machinery]: 'privileged' };
  for (const [name, enforce] of Object.entries({ ...profiles, [examples]: 'baseline' })) {
    const labels = { 'pod-security.kubernetes.io/enforce': enforce };
    await kube.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
  }
  // The examples are to be looked after, not to run: that would take more than this machine has.
  const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { namespace: examples, name: 'no-pods' } };
  await kube.create(RESOURCE_QUOTAS, { ...quota, spec: { hard: { pods: '0' } } } as KubeObject);
});

beforeEach(({ onTestFailed }) => {
  if (failed) throw new Error('a test before this one failed');
  onTestFailed(async () => {
    failed = true;
    console.log(await kubectl('get', 'pods,jobs,events', '--namespace', operatorNamespace));
    console.log(
      (await logs())
        .split('\n')
        .slice(-30)
        .map((line) => line.slice(0, 400))
        .join('\n'),
    );
  });
});

afterAll(async () => {
  await release.uninstall().catch(() => {});
  await removeResources();
  await kubectl('delete', 'namespace', '--wait=false', place.namespace, examples, machinery, operatorNamespace);
});

describe('from one release to the next', () => {
  it('an upgrade restarts no node', async () => {
    const [chart, version] = findPrevious();
    // Elsewhere whoever named the cluster has one image; then it has one name.
    if (isOwnCluster) await loadOwnImage({ name: `nodewright/nodewright:${version}`, dist, print: () => {} });
    await release.install(chart, [...here, `image.tag=${isOwnCluster ? version : ownVersion()}`]);
    await untilOperatorsReady(operatorNamespace, 2, 90);
    await createNetwork(place, { validators: { replicas: 2 } });
    await untilReady(place);
    life = await lifeOfPods(place);

    await release.upgrade(CHART, here);
    await untilOperatorsReady(operatorNamespace, 2, 90);
    await untilLooked();
    if (isOwnCluster) await untilPending('True');
    expect(await lifeOfPods(place)).toEqual(life);
  });

  it('and a rollback neither', async () => {
    await release.rollback();
    await untilOperatorsReady(operatorNamespace, 2, 90);
    await untilLooked();
    await untilPending('False');
    await untilMoreBlocks(place, 'validator-0');
    expect(await lifeOfPods(place)).toEqual(life);
  });

  it('without the operator the nodes go on, and nothing of theirs is gone', async () => {
    expectNothingDenied(await logs());
    const claims = await namesOfClaims();
    await release.uninstall();
    expect(await operatorPods(operatorNamespace)).toEqual([]);
    await untilMoreBlocks(place, 'validator-0');
    expect(await lifeOfPods(place)).toEqual(life);
    expect(await namesOfClaims()).toEqual(claims);
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
    if (seconds >= 15) {
      // Other files of the run may just have taken the whole machine.
      await release.uninstall();
      seconds = await timeInstallation();
    }
    expect(seconds).toBeLessThan(15);
    await untilLooked();
    expect(await lifeOfPods(place)).toEqual(life);
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

  it('when the leader is killed, the other takes over within 20 seconds, and writes only then', async () => {
    const [leader, standby] = await leaderAndStandby();
    expect(await writesOf(standby)).toBe(0);
    const before = await holder();
    await signalProgram({ operatorNamespace: machinery }, leader, 'nodewright operator', 'KILL');
    const killed = Date.now();
    await annotate(place, { 'nodewright.dev/paused': 'true' });
    // The kubelet starts it again at once, and then it is a candidate as the other is; the second time it takes longer.
    await eventually(10, () => signalProgram({ operatorNamespace: machinery }, leader, 'nodewright operator', 'KILL'));
    // As long as the Lease is that of the dead one, nobody writes.
    const after = await eventually(60, async () => {
      const written = await writesOf(standby);
      const now = await holder();
      if (now !== before && now !== undefined) return now;
      if (written > 0) throw new Error('one that does not lead has written');
      throw new Error(`the Lease is still that of ${now}`);
    });
    const seconds = (Date.now() - killed) / 1000;
    console.log(`taken over after ${seconds} s`);
    expect(after).toContain(standby.metadata.name);
    expect(seconds).toBeLessThan(20);
    await untilLooked();
    await eventually(30, async () => expect(await writesOf(standby)).toBeGreaterThan(0));
    await annotate(place, { 'nodewright.dev/paused': null });
    expect(await lifeOfPods(place)).toEqual(life);
  });

  it('whoever leaves sets resources free, and can delete them then', async () => {
    expectNothingDenied(await logs());
    const refused = await nodewright(...releaseArgs());
    expect(refused.stderr).toContain('would put the finalizers back');
    await release.uninstall();
    const { code, stdout, stderr } = await nodewright(...releaseArgs());
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('tendermintnetworks.nodewright.dev/chain');
    expect(await lifeOfPods(place)).toEqual(life);
    await untilMoreBlocks(place, 'validator-0');
    await kubectl(
      'delete',
      'tendermintnetworks.nodewright.dev',
      'chain',
      '--namespace',
      place.namespace,
      '--timeout=30s',
    );
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
  return [
    'release',
    '--kubeconfig',
    kubeconfig,
    '--operator-namespace',
    operatorNamespace,
    '--namespace',
    place.namespace,
  ];
}

async function timeInstallation(): Promise<number> {
  const begin = Date.now();
  await release.install(CHART, [...here, ...hopr]);
  await untilOperatorsReady(operatorNamespace, 2, 60);
  const seconds = (Date.now() - begin) / 1000;
  console.log(`ready ${seconds} s after helm install`);
  return seconds;
}

/** Waits until the operator that leads now has looked at the network. */
async function untilLooked(): Promise<void> {
  await eventually(60, async () => {
    const pod = await leadingPod();
    if ((await sumOf(pod, /^controller_runtime_reconcile_total\{.*controller="tendermint-network"/)) === 0)
      throw new Error('the operator has not looked at the network yet');
  });
}

async function untilPending(status: Condition['status']): Promise<void> {
  await eventually(60, async () => {
    const pending = conditionOf(await getNetwork(place), 'UpdatePending');
    if ((pending?.status ?? 'False') !== status) throw new Error(`UpdatePending is ${JSON.stringify(pending)}`);
  });
}

async function namesOfClaims(): Promise<string[]> {
  const claims = await kube.list(PERSISTENT_VOLUME_CLAIMS, { namespace: place.namespace });
  return claims.map(({ metadata }) => `${metadata.name} ${metadata.uid}`).sort();
}

async function holder(): Promise<string | undefined> {
  const lease = await kube.get<Lease>(LEASES, { namespace: operatorNamespace, name: 'nodewright' });
  return lease?.spec?.holderIdentity ?? undefined;
}

async function leadingPod(): Promise<Pod> {
  const identity = await holder();
  const pod = (await operatorPods(operatorNamespace)).find(({ metadata }) => identity?.startsWith(metadata.name));
  if (pod === undefined) throw new Error(`nobody leads: the Lease is that of ${identity}`);
  return pod;
}

async function leaderAndStandby(): Promise<[Pod, Pod]> {
  const leader = await leadingPod();
  const standby = (await operatorPods(operatorNamespace)).find(
    ({ metadata }) => metadata.name !== leader.metadata.name,
  );
  if (standby === undefined) throw new Error('there is no second operator');
  return [leader, standby];
}

/** Writes but of Leases that an operator has made so far, by its own count. */
function writesOf(pod: Pod): Promise<number> {
  return sumOf(pod, /^nodewright_api_writes_total\{(?!.*resource="leases")/);
}

/** Sum of an operator's metrics whose line begins so. */
async function sumOf(pod: Pod, pattern: RegExp): Promise<number> {
  const lines = (await getFromPod(pod, 8080, '/metrics')).split('\n').filter((line) => pattern.test(line));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

async function logs(): Promise<string> {
  const texts = (await operatorPods(operatorNamespace)).map(({ metadata }) =>
    kubectl('logs', '--namespace', operatorNamespace, metadata.name).catch(() => ''),
  );
  return (await Promise.all(texts)).join('\n');
}

/** Without an operator, and so without its finalizers. */
async function removeResources(): Promise<void> {
  await Promise.all(
    KINDS.map(async ({ type }) => {
      if ((await kube.discover(apiVersionOf(type)))?.some(({ plural }) => plural === type.plural) !== true) return;
      const lists = [place.namespace, examples].map((namespace) => kube.list(type, { namespace }));
      for (const { metadata } of (await Promise.all(lists)).flat()) {
        const key = { namespace: metadata.namespace as string, name: metadata.name };
        await kube.mergePatch(type, key, { metadata: { finalizers: null } });
        await kube.delete(type, key, { uid: metadata.uid as string });
      }
    }),
  );
}
