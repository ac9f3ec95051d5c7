/** Names and labels of what is made for HOPR nodes (spec hopr §3). */
import type { KubeObject, ObjectMeta } from '../../../kube/objects.ts';
import type { HoprSettings } from '../../hopr-settings.ts';

export const LABEL_NAME = 'app.kubernetes.io/name';
export const LABEL_INSTANCE = 'app.kubernetes.io/instance';
export const LABEL_COMPONENT = 'app.kubernetes.io/component';
export const LABEL_POOL = 'hoprds.hoprnet.org/identitypool';
export const LABEL_CLUSTER = 'hoprds.hoprnet.org/cluster';
/** Of a node's Deployment and pods. */
export const COMPONENT_NODE = 'node';

const LABEL_LENGTH = 63;

/** The labels that everything of one resource has; `component` says which part of it. */
export function commonLabels(
  { instanceName }: HoprSettings,
  instance: string,
  component?: string,
): Record<string, string> {
  return {
    [LABEL_NAME]: instanceName,
    [LABEL_INSTANCE]: instance,
    ...(component === undefined ? {} : { [LABEL_COMPONENT]: component }),
  };
}

/** In the namespace of the resource that it belongs to. */
export function childMetadata(resource: KubeObject, name: string, labels: Record<string, string>): ObjectMeta {
  const { namespace } = resource.metadata;
  return { name, ...(namespace === undefined ? {} : { namespace }), labels };
}

/**
 * A text of the user as the value of a label: as it is wherever the API server takes it; otherwise without what it refuses, and no longer
 * than it may be (spec hopr §8.11).
 */
export function toLabelValue(text: string): string {
  return text
    .replace(/[^A-Za-z0-9._-]/g, '')
    .replace(/^[._-]+/, '')
    .slice(0, LABEL_LENGTH)
    .replace(/[._-]+$/, '');
}
