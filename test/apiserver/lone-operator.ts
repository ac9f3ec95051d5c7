/**
 * An operator of its own process that, once it leads, creates one ConfigMap after the other: the names say who wrote
 * them and the resourceVersions when. It does not care whether it still leads, and tries on for a while after the end of its manager, so
 * that only the guard of writes holds it back. Arguments: kubeconfig, namespace, identity.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { connect } from '../../src/kube/client.ts';
import type { Kube } from '../../src/kube/kube.ts';
import { CONFIG_MAPS, SECRETS } from '../../src/kube/resource-types.ts';
import { runUntilSignal, startManager } from '../../src/runtime/manager.ts';
import { configMap } from './config-map.ts';

const SHORT_LEASE = { leaseDurationMs: 3000, renewDeadlineMs: 2000, retryPeriodMs: 300 };

const [kubeconfig = '', namespace = '', identity = ''] = process.argv.slice(2);
const log = pino({ level: 'info' });
const { kube } = await connect({ kubeconfig });
const manager = await startManager({
  kube,
  namespaces: [namespace],
  leaderElection: { namespace, name: 'lone-operator', identity, ...SHORT_LEASE },
  healthAddress: false,
  log,
  setUp: (runtime) => ({
    controllers: [{ name: 'idle', type: SECRETS, reconcile: async () => undefined }],
    leaderTasks: [{ start: () => void writeOnAndOn(runtime.kube), stop() {} }],
  }),
});
const exitCode = await runUntilSignal(manager, log);
await sleep(500);
process.exit(exitCode);

async function writeOnAndOn(guarded: Kube): Promise<void> {
  for (let count = 0; ; count++) {
    await guarded.create(CONFIG_MAPS, configMap(namespace, `${identity}-${count}`)).catch(() => {});
    await sleep(5);
  }
}
