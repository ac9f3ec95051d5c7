/**
 * Who else looks after HOPR resources. While the HOPR operator (the one written in Rust) runs, nothing is written: two operators with different
 * ideas of the same Deployments would restart nodes in turn. Nor is anything where its next API version is installed.
 */
import { isForbidden, isNotFound } from '../../kube/api-error.ts';
import type { Deployment, KubeObject } from '../../kube/objects.ts';
import type { Reader } from '../../kube/reader.ts';
import { DEPLOYMENTS, type ResourceType } from '../../kube/resource-types.ts';
import type { ReconcilerContext } from '../kind.ts';
import { lookNowAndThen } from '../original-operator.ts';

/** It has no Lease. Its name is also the beginning of the image that serves the metrics of nodes. */
const IMAGE = /(^|\/)hoprd-operator([:@]|$)/;
/** Of a newer HOPR operator: its fields are others, and going through both versions loses some (spec hopr §11). */
const NEWER_VERSION = 'v1alpha3';

type Context = Pick<ReconcilerContext, 'reader' | 'options' | 'now'>;

/** Gives the function that says why resources of a type are to be left alone. */
export function guardAgainstOthers(type: ResourceType, context: Context): () => Promise<string | undefined> {
  return lookNowAndThen(context.now, () => findOthers(type, context));
}

async function findOthers(type: ResourceType, { reader, options }: Context): Promise<string | undefined> {
  const { instanceNamespace } = options.hopr ?? {};
  const namespaces = instanceNamespace === undefined ? (options.namespaces ?? [undefined]) : [instanceNamespace];
  for (const namespace of namespaces) {
    const reason =
      (await findNewerApi(type, reader, options.namespaces?.[0])) ?? (await findOriginal(reader, namespace));
    if (reason !== undefined) return reason;
  }
  return undefined;
}

async function findOriginal(reader: Reader, namespace: string | undefined): Promise<string | undefined> {
  const where = namespace === undefined ? {} : { namespace };
  const deployments = await reader.list<Deployment>(DEPLOYMENTS, where).catch((error: unknown) => {
    // Whoever may look into few namespaces only cannot know.
    if (isForbidden(error)) return [];
    throw error;
  });
  const running = deployments.find(isOriginal);
  if (running === undefined) return undefined;
  const { metadata } = running;
  return `the HOPR operator still runs: Deployment ${metadata.namespace}/${metadata.name}. Scale it to 0 first`;
}

function isOriginal({ spec, status }: Deployment): boolean {
  const containers = spec?.template.spec?.containers ?? [];
  // One that is about to run counts as well.
  const runs = (spec?.replicas ?? 1) > 0 || (status?.replicas ?? 0) > 0;
  return runs && containers.some(({ image }) => IMAGE.test(image ?? ''));
}

/** Rights do not tell versions apart, so that whoever may list resources may ask for another version of them. */
async function findNewerApi(
  type: ResourceType,
  reader: Reader,
  namespace: string | undefined,
): Promise<string | undefined> {
  try {
    const options = { name: 'no-such-name', ...(namespace === undefined ? {} : { namespace }) };
    await reader.list<KubeObject>({ ...type, version: NEWER_VERSION }, options);
    return `the installed CRD ${type.plural}.${type.group} has version ${NEWER_VERSION}, which belongs to a newer HOPR operator, and Nodewright knows ${type.version} only. Nothing is changed`;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
