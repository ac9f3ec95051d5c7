import { describe, expect, test } from 'vitest';
import { type Rig, settle } from './rig.ts';
import { rigWithSnapshot, trials, verified } from './trial-rig.ts';

describe('no second signer', () => {
  const refused = (rig: Rig): string => {
    settle(rig);
    expect(trials(rig)).toEqual([]);
    expect(verified(rig)).toMatchObject({ status: 'Unknown', reason: 'NotVerified' });
    return verified(rig)?.message ?? '';
  };
  const node = (rig: Rig) => rig.pods.get('hub-0')?.spec?.containers[0] ?? {};
  const overlay = (rig: Rig, text: string) =>
    void Object.assign(rig.settings.get('hub-0')?.data ?? {}, { 'config-overlay.toml': text });
  test.each<[string, (rig: Rig) => void, string]>([
    [
      'for a sentry',
      (rig) => void Object.assign(node(rig), { ports: [{ name: 'privval', containerPort: 1234 }] }),
      'container node of pod hub-0 has to do with a validator key',
    ],
    [
      'for a signer by flag',
      (rig) => void Object.assign(node(rig), { args: ['start', '--priv_validator_laddr', 'tcp://0.0.0.0:1'] }),
      'container node of pod hub-0',
    ],
    [
      'for a signer by environment',
      (rig) => void Object.assign(node(rig), { env: [{ name: 'GAIAD_PRIV_VALIDATOR_KEY_FILE', value: '/key.json' }] }),
      'container node of pod hub-0',
    ],
    [
      'for a mounted key',
      (rig) =>
        rig.pods
          .get('hub-0')
          ?.spec?.volumes?.push({ name: 'k', secret: { items: [{ key: 'priv_validator_key.json', path: 'a' }] } }),
      'volume k of pod hub-0 holds a validator key',
    ],
    [
      'for something mounted into the home',
      (rig) =>
        void Object.assign(node(rig), {
          volumeMounts: [
            { name: 'vol-chain-home', mountPath: '/home/hub' },
            { name: 'mine', mountPath: '/home/hub/config' },
          ],
        }),
      'mounts volume mine at /home/hub/config',
    ],
    [
      'for a signer by its settings',
      (rig) => overlay(rig, 'priv_validator_laddr = "tcp://0.0.0.0:1234"'),
      'ConfigMap hub-0 sets priv_validator_laddr',
    ],
    ['where the settings cannot be read', (rig) => overlay(rig, 'a = '), 'ConfigMap hub-0'],
    [
      'where there are no settings',
      (rig) => void rig.settings.clear(),
      'ConfigMap hub-0, which has its settings, is not there',
    ],
  ])('%s', (_what, happen, why) => {
    const rig = rigWithSnapshot();
    happen(rig);
    expect(refused(rig)).toContain(why);
  });
});
