import { expect, test } from 'vitest';
import { fullName } from './image-store.ts';

test.each([
  ['busybox:stable', 'docker.io/library/busybox:stable'],
  ['cometbft/cometbft:v0.38.26', 'docker.io/cometbft/cometbft:v0.38.26'],
  ['registry.k8s.io/pause:3.10', 'registry.k8s.io/pause:3.10'],
  ['localhost:5000/app:1', 'localhost:5000/app:1'],
  ['localhost/app:1', 'localhost/app:1'],
])('%s is known as %s', (name, full) => {
  expect(fullName(name)).toBe(full);
});
