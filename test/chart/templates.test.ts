/**
 * The manifests of the chart: linted, as goldens, and accepted by a real API server. A case is a folder with values.yaml and expect.yaml;
 * UPDATE=1 writes the expectations anew.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { KINDS } from '../../src/kinds/index.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import { CUSTOM_RESOURCE_DEFINITIONS, PROMETHEUS_RULES, SERVICE_MONITORS } from '../../src/kube/resource-types.ts';
import { createNamespace, useTestApi } from '../apiserver/control-plane.ts';
import { kubectl } from '../apiserver/kubectl.ts';
import { expectGolden } from '../golden-cases.ts';
import { CHART, helm, parseManifests, renderChart } from '../helm.ts';

const CASES = join(import.meta.dirname, 'cases');
const NAMESPACE = 'nodewright-system';
const names = readdirSync(CASES);
type Alert = { alert: string; annotations: Record<string, string> };
const valuesOf = (name: string) => join(CASES, name, 'values.yaml');

test.each(names)('%s has no fault that Helm finds', async (name) => {
  expect(await helm('lint', '--strict', CHART, '--values', valuesOf(name))).toContain('0 chart(s) failed');
});

test.each(names)('%s is as expected', async (name) => {
  const text = await renderChart(NAMESPACE, { files: [valuesOf(name)] });
  expectGolden(join(CASES, name, 'expect.yaml'), withoutFiles(text));
});

describe('what is wrong is refused, with its name', () => {
  test.each<[string, string[], RegExp]>([
    ['a misspelt value', ['replica=2'], /'replica' not allowed/],
    ['a kind that does not exist', ['kinds.cosmosNode.enabled=true'], /at '\/kinds'.*'cosmosNode' not allowed/],
    ['a dashboard for all without a token', ['dashboard.expose=true'], /\/dashboard\/tokenSecret\/name/],
    ['a profile that does not exist', ['podSecurity=restricted'], /\/podSecurity/],
    [
      'no kind at all',
      KINDS.flatMap(({ isEnabled }, index) => (isEnabled ? [] : [switchOff(index)])),
      /nothing would run/,
    ],
    ['two configurations of HOPR', ['hopr.existingSecret=a', 'hopr.existingConfigMap=b'], /comes from one of them/],
  ])('%s', async (_, settings, why) => {
    await expect(renderChart(NAMESPACE, { settings })).rejects.toThrow(why);
  });
});

test('every kind can be switched off', async () => {
  const optional = KINDS.filter(({ isEnabled }) => isEnabled !== undefined);
  const argument = async (settings: string[]) =>
    /--kinds=(\S+)/.exec(await renderChart(NAMESPACE, { settings, hooks: false }))?.[1]?.split(',');
  const always = KINDS.filter((kind) => !optional.includes(kind)).map(({ name }) => name);
  expect(await argument([])).toEqual([...always].sort());
  expect(await argument(['hopr.existingSecret=a'])).toEqual(KINDS.map(({ name }) => name).sort());
  for (const name of always) {
    const left = await argument([`kinds.${camelCase(name)}.enabled=false`]);
    expect(left).toEqual(always.filter((other) => other !== name).sort());
  }
});

test('alerts link to their pages where these are', async () => {
  const settings = ['prometheusRule.enabled=true', 'prometheusRule.runbookBaseURL=https://example.org/runbooks/'];
  const rule = parseManifests(await renderChart(NAMESPACE, { settings })).find(({ kind }) => kind === 'PrometheusRule');
  const { groups } = (rule as KubeObject & { spec: { groups: { rules: Alert[] }[] } }).spec;
  const [first] = groups.flatMap(({ rules }) => rules);
  expect(first?.annotations).toMatchObject({ runbook_url: `https://example.org/runbooks/${first?.alert}.md` });
});

describe('a real API server', () => {
  const api = useTestApi();

  beforeAll(async () => {
    for (const name of [NAMESPACE, 'team-a', 'team-b']) await createNamespace(api.kube, name);
    for (const type of [SERVICE_MONITORS, PROMETHEUS_RULES])
      await api.kube.create(CUSTOM_RESOURCE_DEFINITIONS, openCrd(type));
    const countKinds = async () => expect(await api.kube.discover('monitoring.coreos.com/v1')).toHaveLength(2);
    await vi.waitFor(countKinds, { timeout: 20_000, interval: 200 });
  });

  test.each(names)('takes %s without a warning', async (name) => {
    const objects = parseManifests(await renderChart(NAMESPACE, { files: [valuesOf(name)] }));
    const args = ['apply', '--server-side', '--dry-run=server', '--warnings-as-errors', '-f', '-'];
    const answer = await kubectl(api, args, ...objects);
    expect(answer).not.toContain('refused');
    expect(answer.trim().split('\n')).toHaveLength(objects.length);
  });
});

/** Without what stands in chart/files, and is tested with what it is made from. */
function withoutFiles(text: string): string {
  return text
    .replace(/^ {2}# ([a-z -]+)\n(?: {2}[- ] .*\n?)+/gm, '  # $1: chart/files/rbac\n')
    .replace(/^( {2}nodewright\.json: \|\n)(?: {4}.*\n?)*/gm, '$1    # chart/files/dashboard.json\n')
    .replace(/^(kind: PrometheusRule\n[\s\S]*?\nspec:.*\n)(?: {2}.*\n|\n)*/gm, '$1  # chart/files/alerts.yaml\n');
}

function switchOff(index: number): string {
  return `kinds.${camelCase(KINDS[index]?.name ?? '')}.enabled=false`;
}

function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

function openCrd({ group, version, kind, plural }: typeof SERVICE_MONITORS): KubeObject {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [{ name: version, served: true, storage: true, schema }],
    },
  } as KubeObject;
}
