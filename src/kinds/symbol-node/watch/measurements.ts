/** What the operator's metrics say of a Symbol node. What is not known is left out. */
import type { Measurement } from '../../../runtime/resource-gauges.ts';
import type { NodeReading } from '../rpc/reading.ts';
import type { AlertRecord } from './alerts.ts';

export type Measured = {
  reading: NodeReading | undefined;
  /** When the first of its certificates ends. */
  certificateNotAfter: Date | undefined;
  /** That is being voted on, and the last one that the node has keys for. */
  voting: { epoch: number | undefined; lastEpoch: number } | undefined;
  alerts: readonly Pick<AlertRecord, 'endedAt'>[];
};

/** Ends are told as such, not as the time until then: it is for whoever reads them to know what time it is. */
export function measureNode(
  { namespace = '', name }: { namespace?: string | undefined; name: string },
  { reading, certificateNotAfter, voting, alerts }: Measured,
): Measurement[] {
  const labels = { namespace, node: name };
  const { node, network, error } = reading ?? {};
  const values: [string, string, number | undefined][] = [
    ['up', 'Whether a Symbol node answers', reading === undefined ? undefined : Number(error === undefined)],
    ['height', 'Height of a Symbol node', node?.height],
    ['finalized_height', 'Height that a Symbol node takes for final', node?.finalizedHeight],
    ['network_height', 'Height of the network of a Symbol node, as others say', network?.value?.height],
    ['peers', 'Nodes that a Symbol node knows', node?.peers],
    [
      'certificate_not_after_timestamp_seconds',
      'When the first certificate of a Symbol node ends',
      certificateNotAfter && certificateNotAfter.getTime() / 1000,
    ],
    ['finalization_epoch', 'Finalization epoch of the network of a Symbol node that votes', voting?.epoch],
    ['last_voting_epoch', 'Last finalization epoch that a Symbol node has voting keys for', voting?.lastEpoch],
    ['alerts', 'Alerts of a Symbol node that go on', alerts.filter(({ endedAt }) => endedAt === undefined).length],
  ];
  return values.flatMap(([short, help, value]) =>
    value === undefined ? [] : [{ name: `nodewright_symbol_node_${short}`, help, labels, value }],
  );
}
