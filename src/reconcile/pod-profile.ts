/**
 * Which profile of Kubernetes' Pod Security Standards a namespace has to allow for a pod to be taken, and what to do where it does not. The
 * rules are those of the documentation, "Pod Security Standards"; that the API server's are the same is tested against it. Pure.
 */
import type { Container, KubeObject, PodSpec } from '../kube/objects.ts';
import { securePod } from './pod-security.ts';
import { canonicalJson } from './stamp.ts';

export type PodProfile = 'restricted' | 'baseline' | 'privileged';

/** The strictest profile that allows such a pod. */
export function profileOf(spec: PodSpec): PodProfile {
  if (!isBaseline(spec)) return 'privileged';
  return isRestricted(spec) ? 'restricted' : 'baseline';
}

/** Whether an answer of the API server, or what a controller tells of one, is that a namespace does not allow a pod. */
export function isPodSecurityRefusal(message: string): boolean {
  return message.includes('violates PodSecurity');
}

/** What a person can do about it where pods with this spec are refused in a namespace, as a sentence without a full stop. */
export function adviseOnRefusal(namespace: string, spec: PodSpec): string {
  const label = (profile: PodProfile) =>
    `let the namespace allow them: kubectl label namespace ${namespace} pod-security.kubernetes.io/enforce=${profile} --overwrite`;
  const profile = profileOf(spec);
  const secured = securePod(spec, 'Restricted');
  const helps = canonicalJson(secured) !== canonicalJson(spec) && profileOf(secured) === 'restricted';
  const needs = `these pods need the profile ${profile}`;
  return helps
    ? `${needs}; give the operator podSecurity: Restricted (--pod-security=Restricted), where the images can do without root, or ${label(profile)}`
    : `${needs}; ${label(profile)}`;
}

/** What is said while a controller has made no pods: why, it says nowhere but in its events. */
export function describeNoPods({ kind, metadata }: KubeObject, spec: PodSpec): string {
  return `${kind} ${metadata.name} has made no pod yet: its events say why (kubectl describe), and the namespace must allow the profile ${profileOf(spec)}`;
}

/** A message, and behind it what to do where it is a refusal. */
export function withAdvice(message: string, namespace: string, spec: PodSpec | undefined): string {
  return spec !== undefined && isPodSecurityRefusal(message)
    ? `${message}; ${adviseOnRefusal(namespace, spec)}`
    : message;
}

type SecurityContext = NonNullable<Container['securityContext']> & NonNullable<PodSpec['securityContext']>;

const BASELINE_CAPABILITIES = new Set([
  ...['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE', 'SETFCAP'],
  ...['SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT'],
]);
const SELINUX_TYPES = new Set(['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t']);
const SYSCTLS = new Set([
  ...['kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.ip_unprivileged_port_start'],
  ...['net.ipv4.tcp_syncookies', 'net.ipv4.ping_group_range', 'net.ipv4.ip_local_reserved_ports'],
  ...['net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_keepalive_intvl'],
  ...['net.ipv4.tcp_keepalive_probes', 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'],
]);
const VOLUMES = new Set([
  ...['name', 'configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'persistentVolumeClaim', 'projected'],
  'secret',
]);
const SECCOMP = new Set(['RuntimeDefault', 'Localhost']);

function isBaseline(spec: PodSpec): boolean {
  const { hostNetwork, hostPID, hostIPC, volumes = [], securityContext } = spec;
  const containers = containersOf(spec);
  const contexts = [securityContext, ...containers.map((container) => container.securityContext)].map(
    (context) => (context ?? {}) as SecurityContext,
  );
  return (
    ![hostNetwork, hostPID, hostIPC].includes(true) &&
    volumes.every(({ hostPath }) => hostPath === undefined) &&
    (securityContext?.sysctls ?? []).every(({ name }) => SYSCTLS.has(name)) &&
    contexts.every(isBaselineContext) &&
    containers.every(({ ports = [] }) => ports.every(({ hostPort }) => !hostPort)) &&
    containers.every(asksNoOtherHost)
  );
}

function isBaselineContext(context: SecurityContext): boolean {
  const { privileged, capabilities, seLinuxOptions, procMount = 'Default', windowsOptions } = context;
  return (
    privileged !== true &&
    windowsOptions?.hostProcess !== true &&
    procMount === 'Default' &&
    (capabilities?.add ?? []).every((capability) => BASELINE_CAPABILITIES.has(capability)) &&
    SELINUX_TYPES.has(seLinuxOptions?.type ?? '') &&
    !seLinuxOptions?.user &&
    !seLinuxOptions?.role &&
    context.appArmorProfile?.type !== 'Unconfined' &&
    context.seccompProfile?.type !== 'Unconfined'
  );
}

/** Of the probes and hooks: since Kubernetes 1.34. */
function asksNoOtherHost({ livenessProbe, readinessProbe, startupProbe, lifecycle }: Container): boolean {
  return [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop].every(
    (handler) => !handler?.httpGet?.host && !handler?.tcpSocket?.host,
  );
}

/** Besides what baseline wants. */
function isRestricted(spec: PodSpec): boolean {
  const { securityContext: pod = {}, volumes = [] } = spec;
  return (
    volumes.every((volume) => Object.keys(volume).every((member) => VOLUMES.has(member))) &&
    pod.runAsUser !== 0 &&
    containersOf(spec).every(({ securityContext = {} }) => {
      const { allowPrivilegeEscalation, capabilities, runAsNonRoot, runAsUser, seccompProfile } = securityContext;
      return (
        allowPrivilegeEscalation === false &&
        capabilities?.drop?.includes('ALL') === true &&
        (capabilities.add ?? []).every((capability) => capability === 'NET_BIND_SERVICE') &&
        (runAsNonRoot ?? pod.runAsNonRoot) === true &&
        runAsUser !== 0 &&
        SECCOMP.has(seccompProfile?.type ?? pod.seccompProfile?.type ?? '')
      );
    })
  );
}

function containersOf({ initContainers = [], containers }: PodSpec): Container[] {
  return [...initContainers, ...containers];
}
