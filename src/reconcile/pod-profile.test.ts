import { describe, expect, test } from 'vitest';
import type { PodSpec } from '../kube/objects.ts';
import { adviseOnRefusal, profileOf, withAdvice } from './pod-profile.ts';
import { securePod } from './pod-security.ts';

const plain: PodSpec = { containers: [{ name: 'node' }] };
const REFUSAL = 'pods "a" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true';

// That the API server judges the same is tested in test/apiserver/pod-security.test.ts.
test.each([
  ['restricted', securePod(plain, 'Restricted')],
  ['baseline', plain],
  ['privileged', { ...plain, hostNetwork: true }],
] as const)('a pod needs the profile %s', (profile, spec) => {
  expect(profileOf(spec)).toBe(profile);
});

describe('what to do about a refusal', () => {
  test.each<[string, PodSpec, string]>([
    [
      'of a pod as an original made it',
      plain,
      'these pods need the profile baseline; give the operator podSecurity: Restricted',
    ],
    [
      'of a pod that the option cannot help',
      { ...plain, hostNetwork: true },
      'these pods need the profile privileged; let the namespace allow them: kubectl label namespace team',
    ],
    [
      'of a pod with the option already, whose own words are against it',
      securePod({ ...plain, securityContext: { runAsNonRoot: false } }, 'Restricted'),
      'these pods need the profile baseline; let the namespace allow them: kubectl label namespace team pod-security.kubernetes.io/enforce=baseline --overwrite',
    ],
  ])('%s', (_, spec, words) => {
    expect(adviseOnRefusal('team', spec)).toContain(words);
    expect(withAdvice(REFUSAL, 'team', spec)).toContain(`${REFUSAL}; these pods need`);
  });

  test('nothing where another rule refuses', () => {
    expect(withAdvice('exceeded quota', 'team', plain)).toBe('exceeded quota');
  });
});
