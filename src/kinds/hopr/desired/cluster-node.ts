/** The Hoprds that a cluster consists of (spec hopr §3.5). */

import type { HoprSettings } from '../../hopr-settings.ts';
import { type ClusterHoprd, HOPR_API_VERSION, type Hoprd, type HoprdSpec } from '../schema.ts';
import { COMPONENT_NODE, childMetadata, commonLabels, LABEL_CLUSTER } from './metadata.ts';
import { serviceTypeOf } from './node.ts';

export const ANNOTATION_LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

export function clusterNodeName({ metadata }: ClusterHoprd, index: number): string {
  return `${metadata.name}-${index}`;
}

/** The number of a node by its name; undefined when the name is none of the cluster's. */
export function clusterNodeIndex({ metadata }: ClusterHoprd, name: string): number | undefined {
  const index = name.startsWith(`${metadata.name}-`) ? name.slice(metadata.name.length + 1) : '';
  return /^[1-9]\d*$/.test(index) ? Number(index) : undefined;
}

/**
 * @param index from 1
 * @param identityName that the node has to keep; with forceIdentityName a new node has the one of its number
 */
export function buildClusterNode(
  cluster: ClusterHoprd,
  index: number,
  settings: HoprSettings,
  identityName?: string | undefined,
): Hoprd {
  const { spec } = cluster;
  const name = clusterNodeName(cluster, index);
  const forced = spec.forceIdentityName === true ? `${spec.identityPoolName}-${index}` : undefined;
  const identity = identityName ?? forced;
  const labels = {
    ...commonLabels(settings, name, COMPONENT_NODE),
    [LABEL_CLUSTER]: cluster.metadata.name,
  };
  return {
    apiVersion: HOPR_API_VERSION,
    kind: 'Hoprd',
    metadata: childMetadata(cluster, name, labels),
    spec: {
      identityPoolName: spec.identityPoolName,
      ...(identity === undefined ? {} : { identityName: identity }),
      version: spec.version,
      config: spec.config,
      ...(spec.enabled === undefined ? {} : { enabled: spec.enabled }),
      deleteDatabase: false,
      supportedRelease: spec.supportedRelease,
      service: { type: serviceTypeOf(cluster) },
      ...(spec.deployment === undefined ? {} : { deployment: spec.deployment }),
      ...(spec.portsAllocation === undefined ? {} : { portsAllocation: spec.portsAllocation }),
    },
  };
}

/**
 * The annotation by which kubectl and the HOPR operator know what was asked for: without it that operator would take no change of such a
 * node from us. In the order and with the nulls that it writes.
 */
export function lastAppliedOf({ apiVersion, kind, metadata, spec }: Hoprd): string {
  const { name, namespace, labels = {}, ownerReferences } = metadata;
  const owners = ownerReferences?.map((owner) => ({
    apiVersion: owner.apiVersion,
    controller: owner.controller,
    kind: owner.kind,
    name: owner.name,
    uid: owner.uid,
  }));
  return JSON.stringify({
    apiVersion,
    kind,
    metadata: { labels: sorted(labels), name, namespace, ownerReferences: owners },
    spec: specInOrder(spec),
  });
}

function specInOrder(spec: HoprdSpec): object {
  const { deployment } = spec;
  return {
    identityPoolName: spec.identityPoolName,
    identityName: spec.identityName ?? null,
    version: spec.version,
    config: spec.config,
    enabled: spec.enabled ?? null,
    deleteDatabase: spec.deleteDatabase ?? null,
    supportedRelease: spec.supportedRelease,
    service: spec.service ?? null,
    deployment:
      deployment === undefined
        ? null
        : {
            env: deployment.env ?? null,
            resources: deployment.resources ?? null,
            startupProbe: deployment.startupProbe ?? null,
            livenessProbe: deployment.livenessProbe ?? null,
            readinessProbe: deployment.readinessProbe ?? null,
          },
    portsAllocation: spec.portsAllocation ?? null,
  };
}

function sorted(labels: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
