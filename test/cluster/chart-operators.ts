/** The operators of a release of the chart: who of them leads, and what becomes of them. */
import type { Lease, Pod } from '../../src/kube/objects.ts';
import { LEASES } from '../../src/kube/resource-types.ts';
import { getFromPod } from './chain.ts';
import { kube, kubectl } from './cluster-access.ts';
import { eventually } from './eventually.ts';
import { metricSum } from './metric-value.ts';
import { signalProgram } from './node-process.ts';
import { operatorPods } from './operator-in-cluster.ts';

/** `machinery` is a namespace for pods that see the processes of the machine. */
export function chartOperators(namespace: string, machinery: string) {
  const lease = () => kube.get<Lease>(LEASES, { namespace, name: 'nodewright' });
  const holder = async () => (await lease())?.spec?.holderIdentity ?? undefined;

  async function leadingPod(): Promise<Pod> {
    const identity = await holder();
    const pod = (await operatorPods(namespace)).find(({ metadata }) => identity?.startsWith(metadata.name));
    if (pod === undefined) throw new Error(`nobody leads: the Lease is that of ${identity}`);
    return pod;
  }

  /** Sum of an operator's metrics whose line begins so. */
  async function sumOf(pod: Pod, pattern: RegExp): Promise<number> {
    return metricSum(await getFromPod(pod, 8080, '/metrics'), pattern);
  }

  /** Writes but of Leases that an operator has made since it was started, by its own count. */
  const writesOf = (pod: Pod) => sumOf(pod, /^nodewright_api_writes_total\{(?!.*resource="leases")/);

  return {
    holder,
    leadingPod,
    writesOf,

    async leaderAndStandby(): Promise<[Pod, Pod]> {
      const leader = await leadingPod();
      const standby = (await operatorPods(namespace)).find(({ metadata }) => metadata.name !== leader.metadata.name);
      if (standby === undefined) throw new Error('there is no second operator');
      return [leader, standby];
    },

    /** Of all of them, as far as they are there. */
    async logs(): Promise<string> {
      const texts = (await operatorPods(namespace)).flatMap(({ metadata }) =>
        [[], ['--previous']].map((which) =>
          kubectl('logs', '--namespace', namespace, metadata.name, ...which).catch(() => ''),
        ),
      );
      return (await Promise.all(texts)).join('\n');
    },

    /** Waits until the one that leads now has looked at the network. */
    untilLooked: (): Promise<void> =>
      eventually(60, async () => {
        const looks = /^controller_runtime_reconcile_total\{.*controller="tendermint-network"/;
        if ((await sumOf(await leadingPod(), looks)) === 0)
          throw new Error('the operator has not looked at the network yet');
      }),

    signal: (pod: Pod, signal: 'KILL' | 'STOP' | 'CONT') =>
      signalProgram({ operatorNamespace: machinery }, pod, 'nodewright operator', signal),

    /** Waits until a standby leads in place of who did before. As long as the Lease is not its own it writes nothing. Seconds since `start`. */
    async secondsToTakeOver(standby: Pod, before: string | undefined, start: number): Promise<number> {
      const written = await writesOf(standby);
      let wroteTooEarly = false;
      const after = await eventually(60, async () => {
        const count = await writesOf(standby);
        const { holderIdentity: now, acquireTime } = (await lease())?.spec ?? {};
        if (now && now !== before) return { now, at: Date.parse(`${acquireTime}`) };
        wroteTooEarly ||= count > written;
        throw new Error(`the Lease is still that of ${now}`);
      });
      if (wroteTooEarly) throw new Error(`${standby.metadata.name} has written while the Lease was that of ${before}`);
      if (!after.now.startsWith(standby.metadata.name))
        throw new Error(`not ${standby.metadata.name} leads but ${after.now}`);
      const seconds = (after.at - start) / 1000;
      console.log(`taken over after ${seconds} s`);
      return seconds;
    },
  };
}
