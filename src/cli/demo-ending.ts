/** What the demo says at its end. */
import { DEMO_NAMESPACE, type Place } from './demo-place.ts';
import { OPERATOR_NAME } from './operator-manifests.ts';
import { DEFAULT_OPERATOR_NAMESPACE } from './version.ts';

/** Commands to copy: to look further, to use the chain, to change the network and to remove it. */
export function describeNextSteps(place: Pick<Place, 'own' | 'setUp' | 'flags'>, network: string): string {
  const kubectl = `kubectl${place.flags} -n ${DEMO_NAMESPACE}`;
  const nodewright = (command: string, rest = '') =>
    `npx nodewright ${command}${place.flags} -n ${DEMO_NAMESPACE}${rest}`;
  const rpc = (node: string, call: string) =>
    `kubectl${place.flags} get --raw '/api/v1/namespaces/${DEMO_NAMESPACE}/pods/${network}-${node}:26657/proxy/${call}'`;
  return [
    ...section('To look further:', [
      ...place.setUp,
      `${kubectl} get tendermintnetworks`,
      `${kubectl} get pods`,
      `${kubectl} logs ${network}-validator-0 -c node --tail 20`,
      `kubectl${place.flags} -n ${DEFAULT_OPERATOR_NAMESPACE} logs deployment/${OPERATOR_NAME}`,
      nodewright('status', ' --watch'),
      nodewright('plan'),
    ]),
    ...section('To send a transaction to one node and read it from another (d29ybGQ= is "world" in base64):', [
      rpc('validator-0', 'broadcast_tx_commit?tx="hello=world"'),
      rpc('validator-3', 'abci_query?data="hello"'),
    ]),
    ...section('To add two full nodes, and watch them catch up:', [
      `${kubectl} scale tendermintnetwork/${network} --replicas=2`,
    ]),
    ...section('To remove everything:', [describeRemoval(place)]),
  ].join('\n');
}

/** The command that takes away what the demo leaves. */
export function describeRemoval({ own, flags }: Pick<Place, 'own' | 'flags'>): string {
  return own ? 'npm run cluster -- down' : `npm run demo --${flags} --down`;
}

function section(title: string, commands: string[]): string[] {
  return ['', title, ...commands.map((command) => `  ${command}`)];
}
