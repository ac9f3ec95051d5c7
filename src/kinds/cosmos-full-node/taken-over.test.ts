import { describe, expect, test } from 'vitest';
import type { ConfigMap, Pod } from '../../kube/objects.ts';
import { ofGoOperator } from './go-fleet.ts';
import { carryOut, change, planOf, type SettledFullNode, sentencesOf, settle, statusOf } from './settled-full-node.ts';

const restarts = (settled: SettledFullNode) => sentencesOf(settled).filter((line) => line.startsWith('replace'));

describe('taking over', () => {
  test('a fleet that means the same is stamped, and nothing restarts', () => {
    const settled = ofGoOperator();
    const uids = [...settled.observed.pods.values()].map(({ metadata }) => metadata.uid);
    expect(restarts(settled)).toEqual([]);
    expect(sentencesOf(settled).slice(0, 4)).toEqual(
      [0, 1, 2, 3].map(
        (ordinal) => `patch Pod hub-${ordinal}: it is as we would make it, and is taken over as it runs`,
      ),
    );
    settle(settled);
    expect([...settled.observed.pods.values()].map(({ metadata }) => metadata.uid)).toEqual(uids);
    expect(statusOf(settled)).toMatchObject({ phase: 'Complete' });
    expect(planOf(settled).pendingUpdates.get('hub-0')).toBe('the pod as this version of Nodewright makes it');
  });

  test('its stamps stay, for the way back', () => {
    const settled = ofGoOperator();
    const before = settled.observed.configMaps.get('hub-0')?.metadata.labels?.['app.kubernetes.io/revision'];
    settle(settled);
    const labels = settled.observed.configMaps.get('hub-0')?.metadata.labels;
    expect(labels?.['app.kubernetes.io/revision']).toBe(before);
  });

  test('its version check keeps the rights that it has, as long as one of its pods is there', () => {
    const settled = ofGoOperator();
    settle(settled);
    const role = () => settled.observed.roles.get('hub-vc-r')?.metadata.annotations?.['nodewright.dev/applied'];
    expect(role()).toBeUndefined();
    settled.fullNode.metadata.annotations = { 'nodewright.dev/restartedAt': '2026-01-02T03:00:00Z' };
    settle(settled);
    expect(role()).toBeDefined();
  });

  test('settings that were changed while no operator ran reach every pod, one after the other', () => {
    const settled = ofGoOperator();
    const { chain } = settled.fullNode.spec;
    change(settled, { chain: { ...chain, config: { overrides: 'log_level = "debug"' } } });
    const before = [...settled.observed.pods.values()].map(({ metadata }) => metadata.annotations);
    expect(before.every((annotations) => annotations?.['nodewright.dev/asked'] === undefined)).toBe(true);
    carryOut(settled, planOf(settled).changes);
    expect(sentencesOf(settled).filter((line) => line.includes('taken over as it runs'))).toEqual([]);
    settle(settled);
    const rendered = [...settled.observed.pods.values()].map(
      ({ metadata }) => metadata.annotations?.['nodewright.dev/rendered'],
    );
    expect(rendered.filter((stamp) => stamp?.includes('taken-over'))).toEqual([]);
  });

  test('nothing is taken over while the settings cannot be read', () => {
    const settled = ofGoOperator();
    const { chain } = settled.fullNode.spec;
    change(settled, { chain: { ...chain, config: { overrides: 'a = ' } } });
    expect(sentencesOf(settled).filter((line) => line.includes(' Pod '))).toEqual([]);
  });

  test.each<[string, (settled: SettledFullNode) => void, string]>([
    [
      'another image',
      (settled) => change(settled, { podTemplate: { image: 'gaia:v2' } }),
      'image of node gaia:v1 → gaia:v2',
    ],
    [
      'a sidecar that is no longer wanted',
      (settled) => {
        const pod = settled.observed.pods.get('hub-0') as Pod;
        pod.spec?.containers.push({ name: 'extra', image: 'x' });
      },
      'container extra is not wanted any more',
    ],
    [
      'settings that the pod has not started with',
      (settled) => {
        const configMap = settled.observed.configMaps.get('hub-0') as ConfigMap;
        configMap.metadata.labels = { ...configMap.metadata.labels, 'app.kubernetes.io/revision': '12345678' };
      },
      'it runs with settings from before the last change of its ConfigMap',
    ],
    [
      'settings that were changed while no operator ran',
      (settled) => {
        const { chain } = settled.fullNode.spec;
        change(settled, { chain: { ...chain, config: { overrides: 'log_level = "debug"' } } });
      },
      'settings in its ConfigMap differ',
    ],
    [
      'peers of the user that were changed while no operator ran',
      (settled) => {
        const { chain } = settled.fullNode.spec;
        change(settled, { chain: { ...chain, config: { peers: 'aa@1.2.3.4:26656' } } });
      },
      'settings in its ConfigMap differ',
    ],
  ])('%s restarts the pod, within the budget', (_name, alter, reason) => {
    const settled = ofGoOperator();
    alter(settled);
    expect(restarts(settled)).toHaveLength(1);
    expect(restarts(settled)[0]).toContain(`replace Pod hub-0: ${reason}`);
  });
});
