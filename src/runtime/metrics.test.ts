import { expect, test } from 'vitest';
import { sendJson, sendStatus, startScriptedApi } from '../../test/apiserver/scripted-api.ts';
import { PODS } from '../kube/resource-types.ts';
import { createMetrics } from './metrics.ts';

test('every request to the API server is counted, as client-go counts them', async () => {
  const metrics = createMetrics({ processMetrics: false, version: '1.2.3' });
  const api = await startScriptedApi({ onAnswer: metrics.countRequest });
  const host = new URL(api.server).host;
  const key = { namespace: 'default', name: 'a' };
  api.answer((_, response) => {
    if (api.requests.length === 1) sendStatus(response, 429, 'TooManyRequests', 'later', { 'retry-after': '0' });
    else sendJson(response, { metadata: key });
  });
  await api.kube.get(PODS, key);
  api.answer((_, response) => void response.socket?.resetAndDestroy());
  await expect(api.kube.delete(PODS, key, { uid: 'u' })).rejects.toMatchObject({ status: 0 });
  const guarded = api.kube.guarded?.(() => false);
  await expect(guarded?.delete(PODS, key, { uid: 'u' })).rejects.toMatchObject({ reason: 'NotSent' });
  await api.close();
  const text = await metrics.registry.metrics();
  expect(text.split('\n').filter((line) => line.startsWith('rest_client_requests_total'))).toEqual([
    `rest_client_requests_total{code="429",host="${host}",method="GET"} 1`,
    `rest_client_requests_total{code="200",host="${host}",method="GET"} 1`,
    `rest_client_requests_total{code="<error>",host="${host}",method="DELETE"} 1`,
  ]);
  expect(text).toContain('nodewright_build_info{version="1.2.3"} 1');
});
