/**
 * Whether pods of nodes would be taken if they were made now: pod security, and whoever else has a say. A namespace may have been
 * restricted after its pods were made; then nothing is wrong until one has to restart.
 */
import { isForbidden } from '../../kube/api-error.ts';
import type { Kube } from '../../kube/kube.ts';
import type { KubeObject, Pod } from '../../kube/objects.ts';
import { PODS } from '../../kube/resource-types.ts';
import { adviseOnRefusal, isPodSecurityRefusal } from '../../reconcile/pod-profile.ts';
import { type Finding, unknown } from './finding.ts';
import type { Examined } from './resources.ts';
import { describeObject, type Surroundings } from './surroundings.ts';

export async function checkPodAdmission({ kube }: Surroundings, examined: readonly Examined[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  let tried = 0;
  for (const { object, look } of examined) {
    if (look instanceof Error) continue;
    const pod = await samplePod(kube, object, look);
    if (pod === undefined) continue;
    tried++;
    const refusal = await tryPod(kube, pod);
    if (refusal === undefined) continue;
    if (refusal.kind === 'unknown') return [...findings, unknown('pod-admission', refusal.message)];
    findings.push({
      ...{ check: 'pod-admission', level: 'error', subject: describeObject(object) },
      message: `its pods are refused: ${refusal.message}`,
      fix: isPodSecurityRefusal(refusal.message)
        ? adviseOnRefusal(object.metadata.namespace ?? '', pod.spec ?? { containers: [] })
        : 'see what the message names: it is a rule of this cluster',
    });
  }
  if (findings.length > 0) return findings;
  return tried === 0
    ? []
    : [
        {
          check: 'pod-admission',
          level: 'ok',
          message: 'pods of nodes are taken: tried with a dry run for each resource',
        },
      ];
}

/** One of those that are to be made, or of those that are there. */
async function samplePod(kube: Kube, object: KubeObject, { changes, view }: Exclude<Examined['look'], Error>) {
  const created = changes.find((change) => change.verb === 'create' && change.type.plural === PODS.plural);
  if (created?.verb === 'create') return created.object as Pod;
  const name = view.nodes.find(({ pod }) => pod !== undefined)?.pod;
  if (name === undefined) return undefined;
  const pod = await kube.get<Pod>(PODS, { namespace: object.metadata.namespace, name });
  return pod === undefined ? undefined : copyOf(pod);
}

/** A new pod that asks for the same. */
function copyOf({ apiVersion, kind, metadata, spec }: Pod): Pod {
  const { nodeName: _bound, ephemeralContainers: _debug, ...asked } = spec ?? { containers: [] };
  const { namespace, name, labels, annotations } = metadata;
  return {
    ...{ apiVersion, kind, spec: asked },
    metadata: {
      ...{ name: `${name.slice(0, 50)}-dry-run` },
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    } as Pod['metadata'],
  };
}

async function tryPod(kube: Kube, pod: Pod): Promise<{ kind: 'refused' | 'unknown'; message: string } | undefined> {
  try {
    await kube.create(PODS, pod, { dryRun: true });
    return undefined;
  } catch (error) {
    const message = (error as Error).message.replace(/^create Pod [^:]*: /, '');
    if (/violates PodSecurity|admission webhook|ValidatingAdmissionPolicy/.test(message))
      return { kind: 'refused', message };
    // Whoever may not make pods cannot try; a quota that counts the live pod too says nothing about its successor.
    if (isForbidden(error) && /cannot create resource/.test(message)) return { kind: 'unknown', message };
    return undefined;
  }
}
