import { describe, expect, test } from 'vitest';
import { containerSettingsOf, DEFAULT_RESOURCES, findTextProblems } from './container-settings.ts';

describe('what nobody set', () => {
  test.each([undefined, {}, { env: '', resources: '# none', livenessProbe: '' }])('%j', (texts) => {
    const settings = containerSettingsOf(texts);
    expect(settings.resources).toEqual(DEFAULT_RESOURCES);
    expect(settings.env.map(({ name, value }) => `${name}=${value}`)).toEqual([
      'RUST_BACKTRACE=full',
      'RUST_LOG=info',
      'HOPRD_LOG_FORMAT=json',
      'HOPRD_MAX_RPC_REQUESTS_PER_SEC=1000',
    ]);
    expect(
      [settings.startupProbe, settings.livenessProbe, settings.readinessProbe].map(
        ({ httpGet, periodSeconds, failureThreshold }) => [
          httpGet?.path,
          httpGet?.port,
          periodSeconds,
          failureThreshold,
        ],
      ),
    ).toEqual([
      ['/startedz', 3001, 15, 240],
      ['/healthyz', 3001, 5, 3],
      ['/readyz', 3001, 15, 240],
    ]);
  });
});

describe('env', () => {
  test("the user's come after the operator's, in their order, and take the place of those of the same name", () => {
    const env = `
- name: HOPRD_PROVIDER
  value: https://rpc.example
- name: RUST_LOG
  value: debug
- name: HOPRD_TOKEN
  value_from:
    secret_key_ref:
      name: tokens
      key: rpc
- name: EMPTY
`;
    expect(containerSettingsOf({ env }).env).toEqual([
      { name: 'RUST_BACKTRACE', value: 'full' },
      { name: 'HOPRD_LOG_FORMAT', value: 'json' },
      { name: 'HOPRD_MAX_RPC_REQUESTS_PER_SEC', value: '1000' },
      { name: 'HOPRD_PROVIDER', value: 'https://rpc.example' },
      { name: 'RUST_LOG', value: 'debug' },
      { name: 'HOPRD_TOKEN', valueFrom: { secretKeyRef: { name: 'tokens', key: 'rpc' } } },
      { name: 'EMPTY' },
    ]);
  });

  test('of a name that is given twice the last value counts: the API server takes a name once', () => {
    const env = '[{name: A, value: x}, {name: B, value: y}, {name: A, value: z}]';
    const given = containerSettingsOf({ env }).env.slice(4);
    expect(given).toEqual([
      { name: 'A', value: 'z' },
      { name: 'B', value: 'y' },
    ]);
  });
});

test('resources and probes of the user take the place of the whole default', () => {
  const settings = containerSettingsOf({
    resources: 'limits:\n  cpu: 2\n  memory: 1Gi\n',
    startupProbe: 'tcpSocket: {port: api}\nperiodSeconds: 60\nhttpGet: ~\n',
  });
  expect(settings.resources).toEqual({ limits: { cpu: '2', memory: '1Gi' } });
  expect(settings.startupProbe).toEqual({ tcpSocket: { port: 'api' }, periodSeconds: 60 });
});

describe('texts that cannot be used', () => {
  test.each<[object, string]>([
    [
      { env: '- name: A\n  value: "1"\n- name: PORT\n  value: 8080\n' },
      'spec.deployment.env: line 4, [1].value: must be a text, not a number; put it in quotes',
    ],
    [{ env: 'A: x' }, 'spec.deployment.env: line 1, must be a list of {name, value} or {name, value_from}'],
    [{ env: '- value: x' }, 'spec.deployment.env: line 1, [0].name: must be set'],
    [{ env: '- name: "A=B"' }, 'spec.deployment.env: line 1, [0].name: is no name of an environment variable'],
    [
      { env: '- name: A\n  value_from:\n    secret_key_ref:\n      name: s\n' },
      'spec.deployment.env: line 3, [0].value_from.secret_key_ref.key: must be set',
    ],
    [{ env: '- name: A\n value: x' }, 'spec.deployment.env: line 2, column 1: '],
    [
      { resources: 'limits:\n  cpu: lots' },
      'spec.deployment.resources: line 2, limits.cpu: must be a quantity such as 500m or 2Gi',
    ],
    [{ resources: 'limits: 5' }, 'spec.deployment.resources: line 1, limits: must be a map such as {cpu: 500m}'],
    [{ resources: 'none' }, 'spec.deployment.resources: line 1, must have limits, requests or both'],
    [
      { livenessProbe: 'httpGet:\n  path: /x\n' },
      'spec.deployment.livenessProbe: line 1, httpGet.port: must be a number of a port or its name',
    ],
    [
      { readinessProbe: 'periodSeconds: 5' },
      'spec.deployment.readinessProbe: line 1, must have exactly one of httpGet, tcpSocket, grpc and exec',
    ],
    [
      { startupProbe: 'tcpSocket: {port: 1}\nperiodSeconds: 1.5' },
      'spec.deployment.startupProbe: line 2, periodSeconds: must be a whole number',
    ],
  ])('%j', (texts, message) => {
    const { faults, oversights } = findTextProblems(texts);
    expect(faults).toHaveLength(1);
    expect(faults[0]?.startsWith(message), faults[0]).toBe(true);
    expect(oversights).toEqual([]);
    expect(() => containerSettingsOf(texts)).toThrow(faults[0] as string);
  });

  test('all of it is told at once', () => {
    expect(() => containerSettingsOf({ env: '{', resources: 'x' })).toThrow(
      /spec\.deployment\.env: .*; spec\.deployment\.resources: /,
    );
  });
});

test('members that are not known count for nothing, and are told', () => {
  const texts = {
    env: '- name: A\n  valueFrom:\n    secretKeyRef: {name: s, key: k}\n',
    resources: 'limits:\n  cpu: 1\nrequest:\n  cpu: 1\n',
    livenessProbe: 'httpGet: {port: 1}\nperiod: 5\n',
  };
  expect(findTextProblems(texts)).toEqual({
    faults: [],
    oversights: [
      'spec.deployment.env: line 2, [0].valueFrom: unknown field; did you mean value_from?',
      'spec.deployment.resources: line 3, request: unknown field; did you mean requests?',
      'spec.deployment.livenessProbe: line 2, period: unknown field',
    ],
  });
  const settings = containerSettingsOf(texts);
  expect(settings.env.at(-1)).toEqual({ name: 'A' });
  expect(settings.resources).toEqual({ limits: { cpu: '1' } });
  expect(settings.livenessProbe).toEqual({ httpGet: { port: 1 } });
});
