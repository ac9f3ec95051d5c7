/** What the operator's metrics say of a Symbol node. What is not known is left out. */
import type { Measurement } from '../../../runtime/resource-gauges.ts';
import type { NodeReading } from '../rpc/reading.ts';
import type { AlertRecord } from './alerts.ts';

export type Measured = {
  reading: NodeReading | undefined;
  certificateNotAfter: Date | undefined;
  /** Last epoch without a hole before it, and the current one. */
  voting: { lastEpoch: number; epoch: number; secondsPerEpoch: number } | undefined;
  alerts: readonly AlertRecord[];
};

/** @param now milliseconds since 1970 */
export function measureNode(
  { namespace, name }: { namespace: string; name: string },
  { reading, certificateNotAfter, voting, alerts }: Measured,
  now: number,
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
      'certificate_seconds',
      'Time until the first certificate of a Symbol node ends',
      certificateNotAfter && (certificateNotAfter.getTime() - now) / 1000,
    ],
    [
      'voting_keys_seconds',
      'Time until the voting keys of a Symbol node end',
      voting && (voting.lastEpoch - voting.epoch) * voting.secondsPerEpoch,
    ],
    ['alerts', 'Alerts of a Symbol node that go on', alerts.filter(({ endedAt }) => endedAt === undefined).length],
  ];
  return values.flatMap(([short, help, value]) =>
    value === undefined ? [] : [{ name: `nodewright_symbol_node_${short}`, help, labels, value }],
  );
}
