/** `doctor`, `plan` and `status` as people run them, through kubectl too, on a cluster where things are missing one after the other. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { applyCrds } from '../../src/cli/crds.ts';
import type { DoctorReport } from '../../src/cli/doctor.ts';
import { OPERATOR_NAME, operatorManifests } from '../../src/cli/operator-manifests.ts';
import type { PlanList } from '../../src/cli/plan.ts';
import type { StatusList } from '../../src/cli/status.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import {
  CLUSTER_ROLES,
  CUSTOM_RESOURCE_DEFINITIONS,
  DEPLOYMENTS,
  LEASES,
  NAMESPACES,
  type ResourceType,
  SERVICE_ACCOUNTS,
  STORAGE_CLASSES,
  VALIDATING_WEBHOOK_CONFIGURATIONS,
} from '../../src/kube/resource-types.ts';
import { createNamespace, useTestApi } from './control-plane.ts';
import { kubectl } from './kubectl.ts';

const run = promisify(execFile);
/** Folder with the programs as they were built for this run. */
const dist = resolve(process.env.NODEWRIGHT_TEST_DIST ?? 'dist');
const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const api = useTestApi();
const OPERATORS = 'nodewright-system';
const ENFORCE = 'pod-security.kubernetes.io/enforce';
let env: NodeJS.ProcessEnv;

/** Programs under the names that the package gives them, before anything else in the PATH. */
beforeAll(async () => {
  const bin = join(api.plane.dir, 'bin');
  await mkdir(bin);
  for (const name of ['nodewright', 'kubectl-nodewright', 'kubectl_complete-nodewright'])
    await symlink(join(dist, 'main.js'), join(bin, name));
  env = {
    ...process.env,
    PATH: [bin, dirname(api.plane.kubectl), process.env.PATH].join(delimiter),
    KUBECONFIG: api.plane.kubeconfigPath,
  };
});

async function call(program: string, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    return { code: 0, ...(await run(program, args, { env })) };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}

async function examine(...args: string[]): Promise<DoctorReport & { code: number }> {
  const { code, stdout, stderr } = await call('nodewright', 'doctor', '-o', 'json', ...args);
  if (stdout === '') throw new Error(stderr);
  return { ...(JSON.parse(stdout) as DoctorReport), code };
}

const troubles = ({ findings }: DoctorReport) =>
  findings.filter(({ level }) => level !== 'ok' && level !== 'info').map(({ check, level }) => `${check} ${level}`);

const create = (type: ResourceType, metadata: object, rest: object = {}) =>
  api.kube.apply<KubeObject>(
    type,
    {
      ...{ apiVersion: type.group === '' ? type.version : `${type.group}/${type.version}`, kind: type.kind },
      metadata: metadata as KubeObject['metadata'],
      ...rest,
    },
    { fieldManager: 'test' },
  );

async function remove(type: ResourceType, name: string): Promise<void> {
  const found = await api.kube.get(type, { name });
  await api.kube.delete(type, { name }, { uid: found?.metadata.uid ?? '' });
}

/** As if the pods of the operator ran: there is no kubelet. */
async function letOperatorLead(): Promise<void> {
  const status = { replicas: 1, readyReplicas: 1, availableReplicas: 1 };
  const key = { namespace: OPERATORS, name: OPERATOR_NAME };
  await api.kube.mergePatch(DEPLOYMENTS, key, { status }, { subresource: 'status' });
  const renewTime = new Date().toISOString().replace('Z', '000Z');
  const spec = { holderIdentity: 'pod-1', leaseDurationSeconds: 3600, renewTime };
  await create(LEASES, { namespace: OPERATORS, name: 'nodewright' }, { spec });
}

describe('doctor', () => {
  test('names what a new cluster lacks, and how to get it', async () => {
    const report = await examine();
    expect(report).toMatchObject({ code: 1, kind: 'DoctorReport', version });
    expect(troubles(report)).toEqual(['crds error', 'operator error']);
    expect(report.findings.find(({ check }) => check === 'crds')).toMatchObject({
      message: expect.stringMatching(/^not installed: tendermintnetworks\.nodewright\.dev, /),
      fix: expect.stringContaining('nodewright crds apply'),
    });
    for (const { level, fix } of report.findings) if (level === 'error') expect(fix).not.toBe(undefined);
  });

  test('finds nothing once all is there', async () => {
    await applyCrds(api.kube);
    for (const { type, object } of operatorManifests({
      operatorNamespace: OPERATORS,
      image: `a/nodewright:${version}`,
    }))
      await api.kube.apply(type, object, { fieldManager: 'test' });
    expect(troubles(await examine())).toEqual(['operator error']);
    await letOperatorLead();
    const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
    await create(STORAGE_CLASSES, { name: 'fast', annotations }, { provisioner: 'csi.test' });
    const report = await examine();
    expect(troubles(report)).toEqual([]);
    expect(report.code).toBe(0);
    const messages = report.findings.map(({ message }) => message).join('\n');
    expect(messages).toContain(`are installed, as release ${version} has them`);
    expect(messages).toContain(`1 ready; pod-1 leads; release ${version}`);
    expect(messages).toMatch(/has all \d+ rights that it needs/);
  });

  test('a right that the operator lacks', async () => {
    const role = await api.kube.get<KubeObject & { rules: { resources: string[] }[] }>(CLUSTER_ROLES, {
      name: OPERATOR_NAME,
    });
    const rules = role?.rules ?? [];
    const fewer = rules.map((rule) => ({ ...rule, resources: rule.resources.filter((name) => name !== 'pods') }));
    const withRules = (some: object[]) => api.kube.mergePatch(CLUSTER_ROLES, { name: OPERATOR_NAME }, { rules: some });
    await withRules(fewer.filter(({ resources }) => resources.length > 0));
    await expect
      .poll(async () => (await examine()).findings.find(({ check }) => check === 'rights'), { timeout: 20_000 })
      .toMatchObject({
        level: 'error',
        subject: `ServiceAccount ${OPERATORS}/${OPERATOR_NAME}`,
        message: expect.stringMatching(/^may not create, delete, get, list, patch, watch pods in all namespaces$/),
      });
    await withRules(rules);
    await expect.poll(async () => troubles(await examine()), { timeout: 20_000 }).toEqual([]);
  });

  test('a CRD of another release', async () => {
    const name = 'statefuljobs.cosmos.strange.love';
    const crd = await api.kube.get<KubeObject & { spec: { versions: { schema: object }[] } }>(
      CUSTOM_RESOURCE_DEFINITIONS,
      { name },
    );
    const versions = structuredClone(crd?.spec.versions ?? []);
    const schema = versions[0]?.schema as {
      openAPIV3Schema: { properties: { spec: { properties: Record<string, unknown> } } };
    };
    delete schema.openAPIV3Schema.properties.spec.properties.interval;
    await api.kube.mergePatch(CUSTOM_RESOURCE_DEFINITIONS, { name }, { spec: { versions } });
    expect((await examine()).findings.find(({ check }) => check === 'crds')).toMatchObject({
      level: 'warning',
      subject: `CustomResourceDefinition ${name}`,
      message: expect.stringContaining(`lacks fields of release ${version}, which the API server drops`),
    });
    await applyCrds(api.kube);
  });

  test('a webhook that must answer and cannot', async () => {
    const webhook = {
      name: 'check.policy.test',
      ...{ failurePolicy: 'Fail', sideEffects: 'None', admissionReviewVersions: ['v1'] },
      clientConfig: { service: { namespace: 'policy', name: 'gone', path: '/' } },
      rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'], scope: '*' }],
    };
    const elsewhere = { matchLabels: { 'kubernetes.io/metadata.name': 'elsewhere' } };
    const write = (more: object) =>
      create(VALIDATING_WEBHOOK_CONFIGURATIONS, { name: 'policy' }, { webhooks: [{ ...webhook, ...more }] });
    await write({});
    expect((await examine()).findings.find(({ check }) => check === 'webhooks')).toMatchObject({
      level: 'error',
      subject: 'ValidatingWebhookConfiguration policy, webhook check.policy.test',
      message: expect.stringContaining('Service policy/gone has no pod that is ready, and it must answer: CREATE pods'),
    });
    await write({ namespaceSelector: elsewhere });
    expect(troubles(await examine())).toEqual([]);
    await remove(VALIDATING_WEBHOOK_CONFIGURATIONS, 'policy');
  });

  test('a namespace that takes no pods of its nodes, a class that is not there, and who looks after nothing', async () => {
    await createNamespace(api.kube, 'demo');
    await kubectl(api, ['apply', '-n', 'demo', '-f', '-'], {
      apiVersion: 'cosmos.strange.love/v1',
      kind: 'CosmosFullNode',
      metadata: { name: 'full' },
      spec: {
        replicas: 1,
        chain: { chainID: 'a-1', network: 'testnet', binary: 'simd', config: {}, app: { minGasPrice: '0a' } },
        podTemplate: { image: 'simd:1' },
        volumeClaimTemplate: { storageClassName: 'slow', resources: { requests: { storage: '1Gi' } } },
      },
    });
    const { items } = JSON.parse((await call('nodewright', 'plan', '-n', 'demo', '-o', 'json')).stdout) as PlanList;
    const account = items[0]?.changes.find(({ kind }) => kind === 'ServiceAccount');
    await create(SERVICE_ACCOUNTS, { namespace: 'demo', name: account?.name });
    await api.kube.mergePatch(NAMESPACES, { name: 'demo' }, { metadata: { labels: { [ENFORCE]: 'restricted' } } });
    const report = await examine('-n', 'demo');
    const find = (name: string) => report.findings.find(({ check, level }) => check === name && level === 'error');
    expect(find('pod-admission')).toMatchObject({
      subject: 'CosmosFullNode demo/full',
      message: expect.stringContaining('violates PodSecurity "restricted:latest"'),
      fix: expect.stringContaining(`kubectl label namespace demo ${ENFORCE}=baseline`),
    });
    expect(find('storage')).toMatchObject({
      subject: 'StorageClass slow',
      message: 'it does not exist, and CosmosFullNode demo/full asks for it',
      fix: expect.stringContaining('there are fast'),
    });
    await api.kube.mergePatch(NAMESPACES, { name: 'demo' }, { metadata: { labels: { [ENFORCE]: null } } });
    await create(STORAGE_CLASSES, { name: 'slow' }, { provisioner: 'csi.test', allowVolumeExpansion: true });
    const mended = await examine('-n', 'demo');
    expect(mended.findings.filter(({ check }) => check === 'pod-admission' || check === 'storage')).toEqual([
      expect.objectContaining({ level: 'ok' }),
      expect.objectContaining({ level: 'ok' }),
    ]);
  });

  test('a cluster that does not answer is an error of its own', async () => {
    const gone = join(api.plane.dir, 'gone.kubeconfig');
    const cluster = { name: 'gone', cluster: { server: 'http://127.0.0.1:1' } };
    const context = { name: 'gone', context: { cluster: 'gone', user: 'nobody' } };
    const config = { 'current-context': 'gone', clusters: [cluster], contexts: [context], users: [{ name: 'nobody' }] };
    await writeFile(gone, JSON.stringify({ apiVersion: 'v1', kind: 'Config', ...config }));
    expect(await call('nodewright', 'doctor', '--kubeconfig', gone)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('The API server does not answer. Does the cluster run'),
    });
  });
});

describe('kubectl nodewright', () => {
  test('shows one resource in detail, with no colours where nobody looks', async () => {
    const { code, stdout } = await call('kubectl', 'nodewright', 'status', 'cosmosfullnode/full', '-n', 'demo');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^CosmosFullNode demo\/full: /);
    expect(stdout).toMatch(/\n {2}full-0 +full +Missing .* the pod does not exist\n/);
    expect(stdout).not.toContain('\u001b');
    const coloured = await call('kubectl', 'nodewright', 'status', 'full', '-n', 'demo', '--color', 'always');
    expect(coloured.stdout).toContain('\u001b[');
  });

  test('of all namespaces, for programs', async () => {
    const { stdout } = await call('kubectl', 'nodewright', 'status', '-A', '-o', 'json');
    const list = JSON.parse(stdout) as StatusList;
    expect(list).toMatchObject({ apiVersion: 'cli.nodewright.dev/v1', kind: 'StatusList' });
    expect(list.items).toEqual([expect.objectContaining({ kind: 'CosmosFullNode', namespace: 'demo', name: 'full' })]);
  });

  test('ends with 1 for what does not exist, and with 2 for what cannot be asked', async () => {
    expect(await call('kubectl', 'nodewright', 'status', 'nobody')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nobody: there is no such resource in namespace default'),
    });
    expect(await call('kubectl', 'nodewright', 'status', 'pod/a')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('kubectl nodewright: pod/a: pod is no kind; there are'),
    });
    const { stdout } = await call('kubectl', 'nodewright', 'status', '--help');
    expect(stdout).toMatch(/^Usage: kubectl nodewright status/);
    expect(stdout).toContain('\n  kubectl nodewright status -A\n');
  });

  test('is completed by kubectl', async () => {
    const complete = async (...words: string[]) =>
      (await call('kubectl', '__complete', 'nodewright', ...words)).stdout.split('\n');
    expect(await complete('status', '-n', 'de')).toEqual(expect.arrayContaining(['default', 'demo', ':4']));
    expect(await complete('status', '-n', 'demo', 'cosmosfullnode/')).toContain('cosmosfullnode/full');
    expect(await complete('doc')).toContainEqual(expect.stringMatching(/^doctor\t/));
  });
});
