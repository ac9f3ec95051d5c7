/**
 * Names and labels of children (spec cosmos §2.2). What the operator itself goes by wins over labels of the resource, which are copied to
 * every child: a tool that labels the resource cannot break a selector (§7.1 B4). Templates only fill gaps.
 */
import type { ObjectMeta } from '../../../kube/objects.ts';
import {
  CREATED_BY,
  LABEL_CREATED_BY,
  parseImageVersion,
  toLabelKey,
  toLabelValue,
  toName,
  trimLabelValue,
} from '../names.ts';
import type { CosmosFullNode, TemplateMetadata } from '../schema.ts';

export const LABEL_APP = 'app.kubernetes.io/name';
export const LABEL_COMPONENT = 'app.kubernetes.io/component';
export const LABEL_INSTANCE = 'app.kubernetes.io/instance';
const LABEL_VERSION = 'app.kubernetes.io/version';
const LABEL_NETWORK = 'cosmos.strange.love/network';
const LABEL_TYPE = 'cosmos.strange.love/type';
const ANNOTATION_ORDINAL = 'app.kubernetes.io/ordinal';
const COMPONENT = 'CosmosFullNode';
/** Labels of the resource that mean something only on it, or that say who wrote an object. */
const NOT_INHERITED = /^nodewright\.dev\/|^app\.kubernetes\.io\/revision$/;

export type ChildOptions = {
  name: string;
  /** By which children are ordered; what it counts depends on the kind of child (spec cosmos §2.2). */
  ordinal: number;
  /** Labels that win over everything else, such as that of the instance. */
  labels?: Record<string, string>;
  template?: TemplateMetadata | undefined;
};

export function childMetadata(fullNode: CosmosFullNode, { name, ordinal, labels, template }: ChildOptions): ObjectMeta {
  const { metadata } = fullNode;
  return {
    name,
    ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
    labels: {
      ...userLabels(template?.labels),
      ...userLabels(metadata.labels),
      ...baseLabels(fullNode),
      ...labels,
    },
    annotations: { ...mapKeys(template?.annotations), [ANNOTATION_ORDINAL]: String(ordinal) },
  };
}

/** The resource's name as a label has it. */
export function appLabel({ metadata }: CosmosFullNode): string {
  return toLabelValue(toName(metadata.name));
}

/** Selects the pods of the instances, in the form of the scale subresource. */
export function podSelector(fullNode: CosmosFullNode): string {
  const labels = { [LABEL_CREATED_BY]: CREATED_BY, [LABEL_COMPONENT]: COMPONENT, [LABEL_APP]: appLabel(fullNode) };
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

function baseLabels(fullNode: CosmosFullNode): Record<string, string> {
  const { chain, podTemplate, type } = fullNode.spec;
  return {
    [LABEL_CREATED_BY]: CREATED_BY,
    [LABEL_COMPONENT]: COMPONENT,
    [LABEL_APP]: appLabel(fullNode),
    [LABEL_VERSION]: toLabelValue(parseImageVersion(podTemplate.image ?? '')),
    [LABEL_NETWORK]: toLabelValue(chain.network),
    [LABEL_TYPE]: type ?? 'FullNode',
  };
}

function userLabels(labels: Record<string, string> = {}): Record<string, string> {
  const inherited = Object.entries(labels).filter(([key]) => !NOT_INHERITED.test(key));
  return Object.fromEntries(inherited.map(([key, value]) => [toLabelKey(key), trimLabelValue(value)]));
}

function mapKeys(annotations: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(annotations).map(([key, value]) => [toLabelKey(key), value]));
}
