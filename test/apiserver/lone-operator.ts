/**
 * An operator of its own process that, while it leads, creates one ConfigMap after the other as fast as it can: the names say who wrote
 * them and the resourceVersions when. Arguments: kubeconfig, namespace, identity.
 */
import { pino } from 'pino';
import { connect } from '../../src/kube/client.ts';
import type { Kube } from '../../src/kube/kube.ts';
import { CONFIG_MAPS, SECRETS } from '../../src/kube/resource-types.ts';
import { runUntilSignal, startManager } from '../../src/runtime/manager.ts';
import { configMap } from './config-map.ts';

export const SHORT_LEASE = { leaseDurationMs: 3000, renewDeadlineMs: 2000, retryPeriodMs: 300 };

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
    leaderTasks: [writeOnAndOn(runtime.kube)],
  }),
});
process.exitCode = await runUntilSignal(manager, log);
process.exit();

function writeOnAndOn(guarded: Kube) {
  let running = true;
  async function run(): Promise<void> {
    for (let count = 0; running; count++) {
      try {
        await guarded.create(CONFIG_MAPS, configMap(namespace, `${identity}-${count}`));
      } catch (error) {
        log.info({ err: error }, 'write failed');
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }
  return {
    start: () => void run(),
    stop: () => {
      running = false;
    },
  };
}
