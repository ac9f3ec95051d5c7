/**
 * Every pod of every kind against the API server's own admission: which profile of the Pod Security Standards lets it in, as the operators
 * that we stand in for made it, and with `--pod-security=Restricted`. And that we judge a pod as the API server does.
 */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { readNetworkPackage } from '../../src/formats/symbol-network-package.ts';
import { makePackageFiles } from '../../src/formats/symbol-package-fixture.ts';
import { buildAutoFunding } from '../../src/kinds/hopr/desired/auto-funding.ts';
import { buildDeleteDatabaseJob } from '../../src/kinds/hopr/desired/delete-database.ts';
import { buildDeployment } from '../../src/kinds/hopr/desired/deployment.ts';
import { writtenHoprd, writtenIdentity, writtenPool, writtenSettings } from '../../src/kinds/hopr/written-resources.ts';
import { KINDS } from '../../src/kinds/index.ts';
import { buildTrialPod } from '../../src/kinds/scheduled-volume-snapshot/desired/trial-node.ts';
import { createRig } from '../../src/kinds/scheduled-volume-snapshot/rig.ts';
import { renderSymbolNode } from '../../src/kinds/symbol-node/render.ts';
import type { SymbolNode } from '../../src/kinds/symbol-node/schema.ts';
import type { Container, CronJob, KubeObject, Pod, PodSpec, StatefulSet } from '../../src/kube/objects.ts';
import { apiVersionOf, NAMESPACES, PODS } from '../../src/kube/resource-types.ts';
import { type PodProfile, profileOf } from '../../src/reconcile/pod-profile.ts';
import { type PodSecurity, securePod } from '../../src/reconcile/pod-security.ts';
import { useTestApi } from './control-plane.ts';
import { kubectl } from './kubectl.ts';

const api = useTestApi();
/** Each is a namespace that enforces the profile of its name. */
const PROFILES = ['restricted', 'baseline', 'privileged'] as const;

beforeAll(async () => {
  for (const profile of PROFILES) {
    const labels = { 'pod-security.kubernetes.io/enforce': profile };
    await api.kube.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: profile, labels } });
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace: profile, name: 'default' } };
    await kubectl(api, ['apply', '-f', '-'], account);
  }
});

/** The strictest profile whose namespace takes the pod; throws where one refuses it for another reason. */
async function admittedBy(spec: PodSpec): Promise<PodProfile> {
  for (const profile of PROFILES) {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace: profile, name: 'tried' },
      spec: { ...spec, serviceAccountName: 'default' },
    } as Pod;
    try {
      await api.kube.create(PODS, pod, { dryRun: true });
      return profile;
    } catch (error) {
      if (!/violates PodSecurity/.test((error as Error).message)) throw error;
    }
  }
  throw new Error('no profile allows it');
}

const optionsOf = (podSecurity: PodSecurity) => ({
  ...{ operatorNamespace: 'nodewright', agentImage: 'nodewright:test', podSecurity },
  hopr: { ...writtenSettings(), podSecurity },
});

/** Of what a controller makes pods of; claims that it adds are added. */
function podSpecsOf(object: KubeObject): PodSpec[] {
  const { spec } = object as { spec?: object };
  if (object.kind === 'Pod') return [spec as PodSpec];
  if (object.kind === 'CronJob') return podSpecsOf((object as CronJob).spec?.jobTemplate as KubeObject);
  const template = (spec as { template?: { spec?: PodSpec } } | undefined)?.template?.spec;
  if (template === undefined) return [];
  const claims = (object as StatefulSet).spec?.volumeClaimTemplates ?? [];
  const added = claims.map(({ metadata }) => {
    const name = metadata?.name ?? '';
    return { name, persistentVolumeClaim: { claimName: name } };
  });
  return [{ ...template, volumes: [...(template.volumes ?? []), ...added] }];
}

/** Kinds whose examples can be rendered as they stand. */
const RENDERED = ['tendermint-network', 'cosmos-full-node', 'stateful-job'];
/** Theirs are made from what is in a cluster. */
const NEEDS_CLUSTER = ['tendermint-network-existing-keys.yaml', 'tendermint-network-join.yaml'];
const files = readdirSync('examples').filter((file) => !NEEDS_CLUSTER.includes(file));
const examples = files.flatMap((file) => {
  const documents = parseAllDocuments(readFileSync(`examples/${file}`, 'utf8'));
  const objects = Array.isArray(documents) ? documents.map((document) => document.toJS() as KubeObject) : [];
  return objects.flatMap((object) => {
    const kind = KINDS.find(({ type }) => apiVersionOf(type) === object.apiVersion && type.kind === object.kind);
    if (kind === undefined || !RENDERED.includes(kind.name)) return [];
    return [{ what: `${file} ${object.metadata.name}`, kind: kind.name, object, render: kind.render }];
  });
});
const CASES = 'src/kinds/symbol-node/cases';
const symbolNodes = readdirSync(CASES, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [parse(readFileSync(`${CASES}/${entry.name}/input.yaml`, 'utf8')) as SymbolNode] : [],
);

type Made = (podSecurity: PodSecurity) => KubeObject[];
type Wanted = { original: PodProfile; restricted: PodProfile };
const now = new Date('2026-01-02T03:04:05Z');
const SAME: Wanted = { original: 'restricted', restricted: 'restricted' };
const HELPED: Wanted = { original: 'baseline', restricted: 'restricted' };

function renderSymbol(node: SymbolNode, podSecurity: PodSecurity): KubeObject[] {
  const content = readNetworkPackage(makePackageFiles(), 'sai');
  return renderSymbolNode(node, optionsOf(podSecurity), now, randomBytes, { content, sha256: '0'.repeat(64) });
}

function hoprInput(podSecurity: PodSecurity) {
  const parts = { hoprd: writtenHoprd(), pool: writtenPool(), identity: writtenIdentity(), host: '203.0.113.7' };
  return { ...parts, ports: { start: 9000, count: 10 }, settings: optionsOf(podSecurity).hopr };
}

const made: [string, Made, Wanted][] = [
  ...examples.map(({ what, kind, object, render }): [string, Made, Wanted] => [
    what,
    (podSecurity) =>
      render(
        { ...object, metadata: { namespace: 'default', ...object.metadata } },
        optionsOf(podSecurity),
        now,
        randomBytes,
      ),
    kind === 'tendermint-network' ? SAME : HELPED,
  ]),
  ...symbolNodes.map((node): [string, Made, Wanted] => {
    const [hostPort, own] = [node.spec.exposure === undefined, node.spec.securityContext !== undefined];
    const wanted = hostPort ? { original: 'privileged', restricted: 'privileged' } : own ? SAME : HELPED;
    return [`SymbolNode ${node.metadata.name}`, (podSecurity) => renderSymbol(node, podSecurity), wanted as Wanted];
  }),
  [
    'SymbolNode without a host port',
    (podSecurity) => {
      const [node] = symbolNodes.filter(({ spec }) => spec.securityContext === undefined) as [SymbolNode];
      return renderSymbol({ ...node, spec: { ...node.spec, exposure: { type: 'Internal' } } }, podSecurity);
    },
    HELPED,
  ],
  ['Hoprd', (podSecurity) => [buildDeployment(hoprInput(podSecurity))], HELPED],
  [
    'Hoprd, deletion of the database',
    (podSecurity) => [buildDeleteDatabaseJob(writtenHoprd(), 'pool-1', '', optionsOf(podSecurity).hopr)],
    HELPED,
  ],
  [
    'IdentityPool, funding',
    (podSecurity) => [buildAutoFunding(writtenPool(), optionsOf(podSecurity).hopr) as KubeObject],
    HELPED,
  ],
  [
    'ScheduledVolumeSnapshot, throw-away node',
    (podSecurity) => {
      const [example] = examples.filter(({ kind }) => kind === 'cosmos-full-node');
      const objects = example?.render(example.object, optionsOf('Original'), now, randomBytes) ?? [];
      const original = objects.find(({ kind }) => kind === 'Pod') as Pod;
      const snapshot = { apiVersion: 'v1', kind: 'VolumeSnapshot', metadata: { name: 's', namespace: 'default' } };
      const settings = { agentImage: 'nodewright:test', lifeSeconds: 60, podSecurity };
      return [buildTrialPod(createRig().resource, snapshot, original, settings)];
    },
    HELPED,
  ],
];

test.each(made)('%s', async (_, make, wanted) => {
  for (const podSecurity of ['Original', 'Restricted'] as const) {
    const specs = make(podSecurity).flatMap(podSpecsOf);
    expect(specs.length).toBeGreaterThan(0);
    const profiles = await Promise.all(specs.map(admittedBy));
    expect(specs.map(profileOf)).toEqual(profiles);
    // What the namespace has to allow, so that all of them are taken.
    const needed = PROFILES.findLast((profile) => profiles.includes(profile));
    expect(needed).toBe(podSecurity === 'Original' ? wanted.original : wanted.restricted);
  }
});

const plain: PodSpec = { containers: [{ name: 'node', image: 'node:1' }] };
const secured = securePod(plain, 'Restricted');
const inPod = (part: Partial<PodSpec>): PodSpec => ({ ...secured, ...part });
const inPodContext = (part: object) => inPod({ securityContext: { ...secured.securityContext, ...part } });
const inContainer = (part: Partial<Container>): PodSpec => ({
  ...secured,
  containers: secured.containers.map((container) => ({ ...container, ...part })),
});
const inContext = (part: object) =>
  inContainer({ securityContext: { ...secured.containers[0]?.securityContext, ...part } });
const volume = (source: object) => inPod({ volumes: [{ name: 'data', ...source }] });
const httpGet = (host: string) => ({ httpGet: { host, port: 80 } });

test.each<[string, PodSpec]>([
  ['nothing', plain],
  ['what the option adds', secured],
  [
    'what the option adds, and an init container without it',
    inPod({ initContainers: [{ name: 'init', image: 'node:1' }] }),
  ],
  ['the network of the machine', inPod({ hostNetwork: true })],
  ['its processes', inPod({ hostPID: true })],
  ['a port of the machine', inContainer({ ports: [{ containerPort: 80, hostPort: 80 }] })],
  ['a port', inContainer({ ports: [{ containerPort: 80 }] })],
  ['a folder of the machine', volume({ hostPath: { path: '/' } })],
  ['a volume of NFS', volume({ nfs: { server: 'a', path: '/' } })],
  ['an empty folder', volume({ emptyDir: {} })],
  ['a claim', volume({ persistentVolumeClaim: { claimName: 'a' } })],
  ['a safe sysctl', inPodContext({ sysctls: [{ name: 'net.ipv4.tcp_fin_timeout', value: '1' }] })],
  ['another sysctl', inPodContext({ sysctls: [{ name: 'kernel.msgmax', value: '1' }] })],
  ['root, by the pod', inPodContext({ runAsUser: 0 })],
  ['root, perhaps', inPodContext({ runAsNonRoot: false })],
  ['root, by the container', inContext({ runAsUser: 0 })],
  ['root, perhaps, by the container', inContext({ runAsNonRoot: false })],
  ['no seccomp', inPodContext({ seccompProfile: { type: 'Unconfined' } })],
  ['no seccomp in the container', inContext({ seccompProfile: { type: 'Unconfined' } })],
  [
    'a seccomp profile of the container alone',
    {
      ...inContext({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } }),
      securityContext: {},
    },
  ],
  ['privileges', inContainer({ securityContext: { privileged: true } })],
  ['escalation', inContext({ allowPrivilegeEscalation: true })],
  ['capabilities of baseline', inContext({ capabilities: { drop: ['ALL'], add: ['CHOWN'] } })],
  ['the one of restricted', inContext({ capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } })],
  ['others', inContext({ capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] } })],
  ['fewer dropped', inContext({ capabilities: { drop: ['NET_RAW'] } })],
  ['a type of SELinux', inContext({ seLinuxOptions: { type: 'container_t' } })],
  ['another one', inContext({ seLinuxOptions: { type: 'spc_t' } })],
  ['a user of SELinux', inPodContext({ seLinuxOptions: { user: 'a' } })],
  ['no AppArmor', inContext({ appArmorProfile: { type: 'Unconfined' } })],
  ['AppArmor', inContext({ appArmorProfile: { type: 'RuntimeDefault' } })],
  ['a probe of another host', inContainer({ livenessProbe: httpGet('10.0.0.1') })],
  ['a hook that asks another host', inContainer({ lifecycle: { preStop: httpGet('10.0.0.1') } })],
])('we judge as the API server does: %s', async (_, spec) => {
  expect(profileOf(spec)).toBe(await admittedBy(spec));
});
