/** Secrets with the keys of each node. They belong to no owner: losing one is losing a validator. */
import { SECRETS } from '../../../kube/resource-types.ts';
import type { Desired } from '../../../reconcile/diff.ts';
import { appSecretName, type Identity, makeAppKey, type Random } from '../identities.ts';
import type { Observed } from '../observe.ts';
import type { TendermintNetwork } from '../schema.ts';
import { childMetadata } from './metadata.ts';

export function buildKeySecrets(
  network: TendermintNetwork,
  identities: Iterable<Identity>,
  observed: Observed,
): Desired[] {
  return [...identities].map(({ member, newSecret }) => {
    const { objectName: name, role } = member;
    return secret(
      network,
      name,
      member.name,
      role,
      observed.secrets.get(name)?.data ?? encode(newSecret ?? {}),
      `keys of node ${member.name}`,
    );
  });
}

export function buildAppSecrets(
  network: TendermintNetwork,
  identities: Iterable<Identity>,
  observed: Observed,
  random: Random,
): Desired[] {
  if (network.spec.app?.keys === undefined) return [];
  return [...identities].map(({ member }) => {
    const name = appSecretName(network, member.name);
    const data = observed.secrets.get(name)?.data ?? encode(makeAppKey(random));
    return secret(network, name, member.name, member.role, data, `key of the application of node ${member.name}`);
  });
}

function secret(
  network: TendermintNetwork,
  name: string,
  node: string,
  role: 'validator' | 'full',
  data: Record<string, string>,
  purpose: string,
): Desired {
  return {
    type: SECRETS,
    write: 'create',
    purpose,
    object: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: childMetadata(network, name, { role, node, owned: false }),
      type: 'Opaque',
      data,
    } as Desired['object'],
  };
}

function encode(files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([file, text]) => [file, Buffer.from(text).toString('base64')]));
}
