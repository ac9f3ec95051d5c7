import { expect, test } from 'vitest';
import { versions } from '../cluster/versions.ts';
import { renderDockerfile } from './dockerfile.ts';

test('the Dockerfile is what the list of contents says', async () => {
  await expect(renderDockerfile(versions.debian)).toMatchFileSnapshot('Dockerfile');
});
