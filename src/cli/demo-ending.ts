/** What the demo says at its end. */
import { DEMO_NAMESPACE, type Place } from './demo-place.ts';
import { OPERATOR_NAME } from './operator-manifests.ts';
import { DEFAULT_OPERATOR_NAMESPACE } from './version.ts';

type Reach = Pick<Place, 'own' | 'setUp' | 'flags'>;

/** Commands to copy: to look further, to use the chain, to change the network and to remove it. */
export function describeNextSteps(place: Reach, network: string): string {
  const rpc = (node: string, call: string) =>
    `kubectl${place.flags} get --raw '/api/v1/namespaces/${DEMO_NAMESPACE}/pods/${network}-${node}:26657/proxy/${call}'`;
  return [
    ...lookSection(place, network),
    ...section('To send a transaction to one node and read it from another (d29ybGQ= is "world" in base64):', [
      rpc('validator-0', 'broadcast_tx_commit?tx="hello=world"'),
      rpc('validator-3', 'abci_query?data="hello"'),
    ]),
    ...section('To add two full nodes, and see them catch up:', [
      `kubectl${place.flags} -n ${DEMO_NAMESPACE} scale tendermintnetwork/${network} --replicas=2`,
    ]),
    ...removalSection(place),
  ].join('\n');
}

/** Commands to copy when it did not work: to find out why, and to remove it. */
export function describeInquiry(place: Reach, network: string): string {
  return [...lookSection(place, network), ...removalSection(place)].join('\n');
}

/** The command that takes away what the demo leaves. */
export function describeRemoval({ own, flags }: Pick<Place, 'own' | 'flags'>): string {
  return own ? 'npm run cluster -- down' : `npm run demo --${flags} --down`;
}

function lookSection({ setUp, flags }: Reach, network: string): string[] {
  const kubectl = `kubectl${flags} -n ${DEMO_NAMESPACE}`;
  return section('To look further:', [
    ...setUp,
    `${kubectl} get tendermintnetworks`,
    `${kubectl} get pods`,
    `${kubectl} logs ${network}-validator-0 -c node --tail 20`,
    `kubectl${flags} -n ${DEFAULT_OPERATOR_NAMESPACE} logs deployment/${OPERATOR_NAME}`,
    `npx nodewright status${flags} -n ${DEMO_NAMESPACE} --watch`,
    `npx nodewright plan${flags} -n ${DEMO_NAMESPACE}`,
  ]);
}

function removalSection(place: Reach): string[] {
  return section('To remove everything:', [describeRemoval(place)]);
}

function section(title: string, commands: string[]): string[] {
  return ['', title, ...commands.map((command) => `  ${command}`)];
}
