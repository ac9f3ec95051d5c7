import { describe, expect, test } from 'vitest';
import { adaptHelperPatch } from './helper-patches.ts';

const MIRROR = 'mirror.example:5000/ops/infra-toolkit:v0.1.6';

describe('adaptHelperPatch', () => {
  test.each([
    [
      'a container of the user’s stays',
      { name: 'mine', image: MIRROR, args: ['-c', 'x'] },
      { name: 'mine', image: MIRROR, args: ['-c', 'x'] },
    ],
    ['the chain’s init too', { name: 'chain-init', args: ['-c', 'x'] }, { name: 'chain-init', args: ['-c', 'x'] }],
    [
      'a mirror of the original image holds no agent',
      { name: 'genesis-init', image: MIRROR, resources: { limits: { cpu: '1' } } },
      { name: 'genesis-init', resources: { limits: { cpu: '1' } } },
    ],
    ['by digest too', { name: 'healthcheck', image: 'cosmos-operator@sha256:ab' }, { name: 'healthcheck' }],
    [
      'but it does for a command of the user’s own',
      { name: 'genesis-init', image: MIRROR, command: ['sh', '-c', 'x'] },
      { name: 'genesis-init', image: MIRROR, command: ['sh', '-c', 'x'] },
    ],
    [
      'another image stays',
      { name: 'genesis-init', image: 'mirror.example/nodewright:v1' },
      { name: 'genesis-init', image: 'mirror.example/nodewright:v1' },
    ],
    [
      'arguments alone are for a shell',
      { name: 'addrbook-init', args: ['-c', 'echo'] },
      { name: 'addrbook-init', command: ['sh'], args: ['-c', 'echo'] },
    ],
    [
      'those of a program are not',
      { name: 'healthcheck', args: ['--timeout', '9s'] },
      { name: 'healthcheck', args: ['--timeout', '9s'] },
    ],
    [
      'the original’s own program is ours',
      { name: 'version-check', image: 'x/cosmos-operator:v1', command: ['/manager', 'versioncheck', '-c'], env: [] },
      { name: 'version-check', env: [] },
    ],
  ])('%s', (_name, patch, adapted) => expect(adaptHelperPatch(patch)).toEqual(adapted));
});
