/** A SymbolNode for people. */
import { isPodReady, type Pod } from '../../kube/objects.ts';
import { PODS } from '../../kube/resource-types.ts';
import {
  type ExpiryView,
  type Health,
  type NodeView,
  type ResourceView,
  type ViewSource,
  viewContainer,
  viewResource,
} from '../node-view.ts';
import { CLIENT_CONTAINER } from './desired/containers.ts';
import { childLabels } from './desired/metadata.ts';
import { namesOf, nodeNameOf } from './names.ts';
import type { NodeReading } from './rpc/reading.ts';
import type { SymbolNode } from './schema.ts';
import { findPodTroubles } from './watch/pods.ts';

export async function viewSymbolNode(resource: SymbolNode, source: ViewSource<NodeReading>): Promise<ResourceView> {
  const { namespace = '' } = resource.metadata;
  const { status } = resource;
  const made = nodeNameOf(resource);
  const name = status?.node ?? (typeof made === 'string' ? made : resource.metadata.name);
  const pods = await source.reader.list<Pod>(PODS, { namespace, labels: childLabels(resource) });
  const pod = pods.find(({ metadata }) => metadata.name === namesOf(name).pod);
  const reading = pod && source.reading(pod);
  const facts = [
    ['address', status?.address],
    ['finalized height', status?.finalizedHeight],
    ['finalization epoch', status?.finalizedEpoch],
    ['links', status?.links?.state],
  ] as const;
  return viewResource(resource, {
    chain: status?.network ?? resource.spec.network,
    height: reading?.network.value?.height ?? status?.networkHeight,
    nodes: [viewNode(resource, name, pod, reading)],
    expiries: listExpiries(resource),
    facts: facts.flatMap(([label, value]) => (value === undefined ? [] : [{ label, value: String(value) }])),
  });
}

function viewNode(
  resource: SymbolNode,
  name: string,
  pod: Pod | undefined,
  reading: NodeReading | undefined,
): NodeView {
  const { status, spec } = resource;
  const synced = status?.conditions?.find(({ type }) => type === 'Synced');
  const isBehind = reading === undefined ? synced?.status === 'False' : reading.behindSince !== undefined;
  const answers =
    reading === undefined ? synced?.status !== 'Unknown' : reading.error === undefined && reading.node !== undefined;
  const [state, health, words] = judge(pod, { isWanted: spec.replicas !== 0, answers, isBehind });
  return {
    name,
    role: spec.features?.length ? spec.features.map((feature) => feature.toLowerCase()).join(' ') : 'node',
    state,
    health,
    inSync: state === 'InSync',
    height: pod === undefined ? undefined : (reading?.node?.height ?? status?.height),
    peers: pod === undefined ? undefined : (reading?.node?.peers ?? status?.peers),
    words: words ?? (state === 'InSync' ? undefined : (reading?.error ?? synced?.message)),
    updatePending: status?.updatePending,
    version: reading?.node?.node?.version ?? status?.version,
    ...viewContainer(pod, CLIENT_CONTAINER),
  };
}

function judge(
  pod: Pod | undefined,
  { isWanted, answers, isBehind }: { isWanted: boolean; answers: boolean; isBehind: boolean },
): [state: string, health: Health, words?: string] {
  if (pod === undefined)
    return isWanted ? ['Missing', 'bad', 'the pod does not exist'] : ['Stopped', 'off', 'spec.replicas is 0'];
  if (pod.metadata.deletionTimestamp !== undefined) return ['Terminating', 'busy', 'the pod is being stopped'];
  const [trouble] = findPodTroubles(pod);
  if (trouble !== undefined) return ['Failed', 'bad', trouble.message];
  if (!answers) return isPodReady(pod) ? ['Unreachable', 'bad'] : ['Starting', 'busy'];
  return isBehind ? ['Behind', 'busy'] : ['InSync', 'good'];
}

function listExpiries({ status }: SymbolNode): ExpiryView[] {
  const { certificates, votingKeys = [], conditions = [] } = status ?? {};
  const stateOf = (type: string): Pick<ExpiryView, 'health' | 'words'> => {
    const condition = conditions.find((candidate) => candidate.type === type);
    const soon = condition?.reason.startsWith('Expire') === true;
    return { health: condition?.status === 'True' ? (soon ? 'busy' : 'good') : 'bad', words: condition?.message };
  };
  const ofCertificates = [
    { what: 'CA certificate', at: certificates?.caNotAfter },
    { what: 'node certificate', at: certificates?.nodeNotAfter },
  ];
  return [
    ...ofCertificates.flatMap((expiry) =>
      expiry.at === undefined ? [] : [{ ...expiry, health: stateOf('CertificateValid').health }],
    ),
    ...(votingKeys.length === 0
      ? []
      : [
          {
            what: `voting keys, epoch ${Math.max(...votingKeys.map(({ endEpoch = 0 }) => endEpoch))}`,
            ...stateOf('VotingKeysValid'),
          },
        ]),
  ];
}
