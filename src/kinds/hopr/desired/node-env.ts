/** Environment of the container of hoprd (spec hopr §3.3, §3.7). */

import type { DeploymentTexts } from '../schema.ts';
import { containerSettingsOf, type EnvVar } from './container-settings.ts';
import type { NodeInput } from './node.ts';
import { CONFIGURATION_FILE, DATABASE_FOLDER, IDENTITY_FILE } from './node-files.ts';
import { listSessionPorts } from './ports.ts';

/** Keys of the wallet's Secret. */
export const WALLET_KEYS = ['DEPLOYER_PRIVATE_KEY', 'IDENTITY_PASSWORD', 'HOPRD_API_TOKEN'] as const;

/** Name of the Secret whose members are variables of every node of a pool. */
export function environmentSecretOf(pool: string): string {
  return `${pool}-default-env`;
}

const API = 'HOPRD_API';
const SESSION_PORT_RANGE = 'HOPRD_SESSION_PORT_RANGE';

/**
 * In the order of the HOPR operator. It lists a name twice where the user sets one of its own, and the kubelet takes the last; here each
 * stands once, with the value that it has there. Throws a FormatError where the user's cannot be read.
 */
export function buildNodeEnv({ hoprd, pool, identity, host, ports }: NodeInput): EnvVar[] {
  const { network, secretName } = pool.spec;
  const { safeAddress, moduleAddress } = identity.spec;
  const before: EnvVar[] = [
    fromWallet('HOPRD_PASSWORD', secretName, 'IDENTITY_PASSWORD'),
    fromWallet('HOPRD_API_TOKEN', secretName, 'HOPRD_API_TOKEN'),
    { name: 'HOPRD_CONFIGURATION_FILE_PATH', value: CONFIGURATION_FILE },
    { name: 'HOPRD_NETWORK', value: network },
    { name: 'HOPRD_SAFE_ADDRESS', value: safeAddress },
    { name: 'HOPRD_MODULE_ADDRESS', value: moduleAddress },
    { name: 'HOPRD_IDENTITY', value: IDENTITY_FILE },
    { name: 'HOPRD_DATA', value: DATABASE_FOLDER },
    { name: 'HOPRD_HOST', value: `${host.includes(':') ? `[${host}]` : host}:${ports.start}` },
    { name: 'HOPRD_API_HOST', value: '0.0.0.0' },
    { name: 'HOPRD_HEALTH_CHECK', value: 'true' },
    { name: 'HOPRD_HEALTH_CHECK_HOST', value: '0.0.0.0' },
    { name: 'HOPRD_DEFAULT_SESSION_LISTEN_HOST', value: '0.0.0.0:0' },
  ];
  const sessions = listSessionPorts(ports);
  const after: EnvVar[] = [
    { name: API, value: '1' },
    // With a single port there is none for sessions, and a range that ends before it begins is none.
    ...(sessions.length === 0 ? [] : [{ name: SESSION_PORT_RANGE, value: `${sessions[0]}:${sessions.at(-1)}` }]),
  ];
  const { env } = containerSettingsOf(hoprd.spec.deployment);
  const isNamedIn = (list: EnvVar[]) => {
    const names = new Set(list.map(({ name }) => name));
    return ({ name }: EnvVar) => names.has(name);
  };
  return [
    ...before.filter((entry) => !isNamedIn(env)(entry)),
    ...env.filter((entry) => !isNamedIn(after)(entry)),
    ...after,
  ];
}

/** Names that the user sets although the operator's value comes after and counts. The texts must be readable. */
export function findReservedNames(texts: DeploymentTexts | undefined): string[] {
  return containerSettingsOf(texts)
    .env.filter(({ name }) => name === API || name === SESSION_PORT_RANGE)
    .map(
      ({ name }) =>
        `spec.deployment.env: ${name} is set by the operator, and the value here counts for nothing; leave it out`,
    );
}

export function fromWallet(name: string, secretName: string, key: (typeof WALLET_KEYS)[number]): EnvVar {
  return { name, valueFrom: { secretKeyRef: { name: secretName, key } } };
}
