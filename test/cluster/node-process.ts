/** The processes inside node pods: signals from outside, and files as the process has them. */
import type { Pod } from '../../src/kube/objects.ts';
import { PODS } from '../../src/kube/resource-types.ts';
import { kube, kubectl } from './cluster-access.ts';
import { eventually } from './eventually.ts';
import type { Site } from './site.ts';

const NODE_USER = 1025;

/** What a process is found by: a part of its command line. */
export type Program = 'cometbft start' | 'abci-cli' | 'nodewright operator';

/**
 * Sends a signal to a program of a pod as the machine does: from the machine's own process ids, as the user that it runs as. A process of the
 * container itself could not: the first process there takes no SIGKILL from inside.
 */
export async function signalProgram(
  site: Pick<Site, 'operatorNamespace'>,
  pod: Pod,
  program: Program,
  signal: 'KILL' | 'STOP' | 'CONT',
) {
  const user = pod.spec?.securityContext?.runAsUser ?? NODE_USER;
  const signaller = await signallerOn(site.operatorNamespace, pod.spec?.nodeName as string, user);
  // systemd's control groups have underscores where the uid has dashes.
  const uid = pod.metadata.uid?.replaceAll('-', '[-_]');
  const script = `
    for dir in /proc/[0-9]*; do
      grep -q 'pod${uid}' $dir/cgroup 2>/dev/null || continue
      case "$(tr '\\0' ' ' <$dir/cmdline)" in *'${program}'*) kill -${signal} \${dir#/proc/} && echo \${dir#/proc/};; esac
    done`;
  const pids = await kubectl('exec', '--namespace', site.operatorNamespace, signaller, '--', 'sh', '-c', script);
  if (pids.trim() === '') throw new Error(`no process of ${pod.metadata.name} runs ${program}`);
}

/** The text of a file in a container of a pod. */
export function readFileIn(pod: Pod, container: string, file: string): Promise<string> {
  const { namespace = '', name } = pod.metadata;
  return kubectl('exec', '--namespace', namespace, name, '--container', container, '--', 'cat', file);
}

/** The last height that a validator has signed, as it remembers it to sign nothing twice. */
export async function signedHeight(pod: Pod): Promise<number> {
  return Number(JSON.parse(await readFileIn(pod, 'node', '/cometbft/data/priv_validator_state.json')).height);
}

/** A pod that sees the processes of its machine and may signal those of a user. */
async function signallerOn(namespace: string, machine: string, user: number): Promise<string> {
  const key = { namespace, name: `signaller-${user}-${machine}` };
  if ((await kube.get<Pod>(PODS, key)) === undefined) {
    await kube.create(PODS, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...key },
      spec: {
        nodeName: machine,
        hostPID: true,
        terminationGracePeriodSeconds: 0,
        securityContext: { runAsUser: user, runAsGroup: user },
        containers: [
          { name: 'sh', image: 'busybox:stable', imagePullPolicy: 'IfNotPresent', command: ['sleep', '3600'] },
        ],
      },
    } as Pod);
  }
  await eventually(60, async () => {
    const pod = await kube.get<Pod>(PODS, key);
    if (pod?.status?.phase !== 'Running') throw new Error(`pod ${key.name} does not run: ${pod?.status?.phase}`);
  });
  return key.name;
}
