/** The account of an operator as it is installed in a cluster, with the rights that it has there and no others. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { OPERATOR_NAME, operatorManifests } from '../../src/cli/operator-manifests.ts';
import { connect } from '../../src/kube/client.ts';
import type { Kube } from '../../src/kube/kube.ts';
import type { TestApi } from './control-plane.ts';
import { kubectl } from './kubectl.ts';

export async function connectAsOperator(api: TestApi, operatorNamespace: string): Promise<Kube> {
  for (const { type, object } of operatorManifests({ operatorNamespace, image: 'nodewright:test' }))
    await api.kube.apply(type, object, { fieldManager: 'test' });
  const token = await kubectl(api, ['create', 'token', OPERATOR_NAME, '--namespace', operatorNamespace]);
  const kubeconfig = join(api.plane.dir, 'operator.kubeconfig');
  const admin = parse(await readFile(api.plane.kubeconfigPath, 'utf8'));
  const users = [{ name: admin.users[0].name, user: { token: token.trim() } }];
  await writeFile(kubeconfig, stringify({ ...admin, users }));
  return (await connect({ kubeconfig })).kube;
}
