/** The chart and the manifests that the demo installs are one truth, where both say something. */
import { describe, expect, test } from 'vitest';
import { operatorManifests } from '../../src/cli/operator-manifests.ts';
import { mergeRules } from '../../src/cli/operator-rules.ts';
import { KINDS } from '../../src/kinds/index.ts';
import type { PolicyRule } from '../../src/kinds/kind.ts';
import type { Deployment, KubeObject } from '../../src/kube/objects.ts';
import { parseManifests, renderChart } from '../helm.ts';

const NAMESPACE = 'ops';
/** The demo looks after HOPR nodes, too, where it is told how. */
const HOPR = 'hopr.existingSecret=hopr';

describe.each<[string, string[], Partial<Parameters<typeof operatorManifests>[0]>]>([
  ['all namespaces', [], {}],
  ['some namespaces', ['namespaces={a,b}'], { namespaces: ['a', 'b'] }],
  ['rights on volumes', ['recoverVolumes=true'], { recoverVolumes: true }],
])('%s', (_, settings, install) => {
  const image = 'nodewright/nodewright:0.1.0';
  const known = operatorManifests({ operatorNamespace: NAMESPACE, image, ...install });
  const rendered = async () =>
    parseManifests(await renderChart(NAMESPACE, { settings: [HOPR, 'image.tag=0.1.0', ...settings], hooks: false }));

  test('the same accounts, roles and bindings, and no others', async () => {
    const isRight = ({ apiVersion, kind }: KubeObject) => apiVersion?.startsWith('rbac.') || kind === 'ServiceAccount';
    const ofChart = (await rendered()).filter(isRight);
    const ofDemo = known.map(({ object }) => object).filter(isRight);
    expect(ofChart.map(comparable).sort(byText)).toEqual(ofDemo.map(comparable).sort(byText));
  });

  test('the same container, but for its arguments', async () => {
    const [chart] = (await rendered()).filter(({ kind }) => kind === 'Deployment') as Deployment[];
    const demo = known.find(({ type }) => type.kind === 'Deployment')?.object as Deployment;
    const podOf = (deployment: Deployment | undefined) => deployment?.spec?.template.spec;
    const { args: chartArgs = [], volumeMounts: _hopr, ...ofChart } = podOf(chart)?.containers[0] ?? { name: '' };
    const { args: demoArgs = [], ...ofDemo } = podOf(demo)?.containers[0] ?? { name: '' };
    expect(ofChart).toEqual(ofDemo);
    expect(chartArgs).toEqual(expect.arrayContaining(demoArgs));
    expect(podOf(chart)?.securityContext).toEqual(podOf(demo)?.securityContext);
    expect(podOf(chart)?.serviceAccountName).toBe(podOf(demo)?.serviceAccountName);
  });
});

test('rights of HOPR are given only where it runs', async () => {
  const without = await renderChart(NAMESPACE, { hooks: false });
  const [role] = parseManifests(without).filter(({ kind }) => kind === 'ClusterRole');
  const groups = rulesOf(role).flatMap(({ apiGroups }) => apiGroups);
  const optional = new Set(KINDS.flatMap((kind) => (kind.isEnabled === undefined ? [] : [kind.type.group])));
  expect(optional.size).toBeGreaterThan(0);
  expect(groups.filter((group) => optional.has(group))).toEqual([]);
});

test('no right to give rights that the operator has not', async () => {
  const rules = parseManifests(await renderChart(NAMESPACE, { settings: [HOPR] })).flatMap(rulesOf);
  expect(rules.flatMap(({ verbs }) => verbs)).not.toContain('escalate');
  expect(rules.flatMap(({ verbs }) => verbs)).not.toContain('bind');
  expect(JSON.stringify(rules)).not.toContain('*');
});

function rulesOf(object: KubeObject | undefined): PolicyRule[] {
  return (object as { rules?: PolicyRule[] } | undefined)?.rules ?? [];
}

/** Without labels, which say who installed it. */
function comparable(object: KubeObject): object {
  const { metadata, apiVersion, kind, ...rest } = object as KubeObject & { rules?: PolicyRule[] };
  const { name, namespace } = metadata;
  const rules = rest.rules === undefined ? {} : { rules: mergeRules(rest.rules) };
  return { apiVersion, kind, name, namespace, ...rest, ...rules };
}

function byText(a: object, b: object): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}
