/** `kubectl port-forward`, as users have it. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { kubeconfig } from './cluster-access.ts';

/** `target` is as for kubectl, such as `service/demo`. `work` gets the URL that leads there as long as it runs. */
export async function withPortForward<T>(
  namespace: string,
  target: string,
  port: number,
  work: (url: string) => Promise<T>,
): Promise<T> {
  const program = process.env.NODEWRIGHT_TEST_KUBECTL ?? 'kubectl';
  const args = ['--kubeconfig', kubeconfig, 'port-forward', '--namespace', namespace, target, `:${port}`];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    for await (const line of createInterface(child.stdout)) {
      const address = /^Forwarding from (127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (address !== undefined) return await work(`http://${address}`);
    }
    throw new Error(`kubectl ${args.join(' ')} has ended`);
  } finally {
    child.kill();
  }
}
