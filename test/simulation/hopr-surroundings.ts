/** What there is before the first resource of HOPR: the ports of an ingress controller, and a wallet. */
import { CONFIG_MAPS, SECRETS } from '../../src/kube/resource-types.ts';
import { MemoryApi } from './memory-api.ts';

const TCP = { namespace: 'ingress-nginx', name: 'ingress-nginx-tcp' };
const UDP = { namespace: 'ingress-nginx', name: 'ingress-nginx-udp' };
/** Entries of other people. */
export const FOREIGN = { 9003: 'git/ssh:22', 25: 'mail/smtp:25' };

/** A cluster with an ingress controller, and the wallet of the pools. */
export function createSurroundings(): MemoryApi {
  const api = new MemoryApi();
  const configMap = (key: typeof TCP, data: object) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: key, data });
  api.create(CONFIG_MAPS, configMap(TCP, FOREIGN));
  api.create(CONFIG_MAPS, configMap(UDP, {}));
  const data = { DEPLOYER_PRIVATE_KEY: 'eA==', IDENTITY_PASSWORD: 'eA==', HOPRD_API_TOKEN: 'eA==' };
  const wallet = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'team', name: 'wallet' }, data };
  api.create(SECRETS, wallet);
  return api;
}
