/** What the operator's metrics say of Symbol nodes only (more: ../report.ts). What is not known is left out. */
import type { Measurement } from '../../../runtime/resource-gauges.ts';
import type { NodeReading } from '../rpc/reading.ts';
import type { AlertRecord } from './alerts.ts';

export type Measured = {
  reading: NodeReading | undefined;
  /** That is being voted on, and the last one that the node has keys for. */
  voting: { epoch: number | undefined; lastEpoch: number } | undefined;
  alerts: readonly Pick<AlertRecord, 'endedAt'>[];
};

export function measureNode(
  { namespace = '', name }: { namespace?: string | undefined; name: string },
  { reading, voting, alerts }: Measured,
): Measurement[] {
  const labels = { namespace, node: name };
  const { node, network } = reading ?? {};
  const values: [string, string, number | undefined][] = [
    ['finalized_height', 'Height that a Symbol node takes for final', node?.finalizedHeight],
    ['network_height', 'Height of the network of a Symbol node, as others say', network?.value?.height],
    ['finalization_epoch', 'Finalization epoch of the network of a Symbol node that votes', voting?.epoch],
    ['last_voting_epoch', 'Last finalization epoch that a Symbol node has voting keys for', voting?.lastEpoch],
    ['alerts', 'Alerts of a Symbol node that go on', alerts.filter(({ endedAt }) => endedAt === undefined).length],
  ];
  return values.flatMap(([short, help, value]) =>
    value === undefined ? [] : [{ name: `nodewright_symbol_node_${short}`, help, labels, value }],
  );
}
