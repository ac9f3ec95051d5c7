/** The cluster that the tests work in, as `test/main.ts` hands it on. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect } from '../../src/kube/client.ts';

const execute = promisify(execFile);

export const kubeconfig = process.env.NODEWRIGHT_TEST_KUBECONFIG ?? '';
if (kubeconfig === '')
  throw new Error('NODEWRIGHT_TEST_KUBECONFIG is not set: start these tests with npm run test:cluster');

/** Whether it is the cluster of this machine: then pod IPs can be reached, and images loaded, from here. */
export const isOwnCluster = process.env.NODEWRIGHT_TEST_CLUSTER === 'own';

export const { kube } = await connect({ kubeconfig, userAgent: 'nodewright-test' });

/** Folder with the programs as they were built for this run, whatever is built meanwhile. */
export const dist = process.env.NODEWRIGHT_TEST_DIST ?? 'dist';

/** Runs kubectl as a user would, and returns what it prints. Throws with its words when it fails. */
export async function kubectl(...args: string[]): Promise<string> {
  const program = process.env.NODEWRIGHT_TEST_KUBECTL ?? 'kubectl';
  const { stdout } = await execute(program, ['--kubeconfig', kubeconfig, ...args], { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** Runs a command of the built `nodewright`; its exit code is a result, not an error. */
export async function nodewright(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    return { code: 0, ...(await execute(process.execPath, [join(dist, 'main.js'), ...args])) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}
