import { pino } from 'pino';
import { expect, test } from 'vitest';
import { sendJson, sendStatus, startScriptedApi } from '../../test/apiserver/scripted-api.ts';
import { liveReader } from '../kube/reader.ts';
import { VOLUME_SNAPSHOTS } from '../kube/resource-types.ts';
import { Cache } from '../runtime/cache.ts';
import { cachedReader } from '../runtime/cached-reader.ts';
import { Reflector } from '../runtime/reflector.ts';
import { listVolumeSnapshots } from './volume-snapshot.ts';

test.each([
  ['no API', false, undefined],
  ['no snapshot', true, []],
])('with %s, the operator with its caches finds that', async (_what, isInstalled, expected) => {
  const api = await startScriptedApi();
  api.answer(({ query }, response) => {
    if (!isInstalled) sendStatus(response, 404, 'NotFound', 'the server could not find the requested resource');
    else if (query.has('watch')) response.writeHead(200).flushHeaders();
    else sendJson(response, { metadata: { resourceVersion: '1' }, items: [] });
  });
  const cache = new Cache(VOLUME_SNAPSHOTS, { labels: { made: 'here' } });
  const reflector = new Reflector({ kube: api.kube, cache, optional: true, log: pino({ level: 'silent' }) });
  reflector.start();
  await reflector.synced;
  const reader = cachedReader({ find: () => [cache], synced: () => [cache] }, liveReader(api.kube));
  expect(await listVolumeSnapshots(reader, 'default', { made: 'here', of: 'hub' })).toEqual(expected);
  await reflector.stop();
  await api.close();
});
