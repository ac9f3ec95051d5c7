/**
 * How the operator runs HOPR nodes: the configuration file of the HOPR operator (spec hopr §7) as it stands, and besides it the images and
 * endpoints that are fixed there.
 */
import { z } from 'zod';
import { FormatError } from '../formats/format-error.ts';
import { parseYamlText } from '../formats/yaml-text.ts';
import type { PodSecurity } from '../reconcile/pod-security.ts';
import { describeSchemaProblems } from './schema-problems.ts';

export type HoprSettings = {
  /** Value of the label app.kubernetes.io/name of everything that is made. */
  instanceName: string;
  /** Where the HOPR operator runs, or ran. */
  instanceNamespace?: string | undefined;
  ingress: {
    className: string;
    /** What the host names of nodes end in. */
    dnsDomain: string;
    annotations: Readonly<Record<string, string>>;
    /** Where peers reach the ports of the ingress controller. */
    loadBalancerIp: string;
    /** First and last port of the ingress controller that nodes may have. */
    portMin: number;
    portMax: number;
    /** Of the ingress controller; without it no port of it is opened. */
    namespace?: string | undefined;
    deploymentName?: string | undefined;
  };
  persistence: { size: string; storageClassName: string };
  /** Where a new database begins: an archive whose paths begin at the root. Without it a node begins at nothing. */
  snapshotUrl?: string | undefined;
  /** Of the chain on which identities get funds. */
  providerUrl: string;
  images: {
    /** Without a tag; that is the version of the node. */
    hoprd: string;
    /** Without a tag; that is the release of the node. */
    metrics: string;
    init: string;
    deleteDatabase: string;
    hopli: string;
    kubectl: string;
  };
  /** Of the operator itself and not in that file. Default: Original. */
  podSecurity?: PodSecurity | undefined;
};

const REGISTRY = 'europe-west3-docker.pkg.dev/hoprassociation/docker-images';
const LOWEST_PORT = 1024;
const HIGHEST_PORT = 65_535;

const text = () => z.string().min(1, 'must not be empty');
const port = () => z.int().min(LOWEST_PORT).max(HIGHEST_PORT);

const fileSchema = z.strictObject({
  instance: z.strictObject({ name: text(), namespace: text().optional() }),
  ingress: z
    .strictObject({
      ingress_class_name: text(),
      dns_domain: text(),
      namespace: text().optional(),
      annotations: z.record(z.string(), z.string()).optional(),
      loadbalancer_ip: text(),
      port_min: port(),
      port_max: port(),
      deployment_name: text().optional(),
    })
    .refine(({ port_min, port_max }) => port_min <= port_max, 'port_min must not be above port_max'),
  hopli_image: text(),
  persistence: z.strictObject({ size: text(), storage_class_name: text() }),
  bucket_name: text().optional(),
  hopli_rpc_provider_url: text().optional(),
  snapshot_url: text().optional(),
  hoprd_image: text().optional(),
  metrics_image: text().optional(),
  init_image: text().optional(),
  delete_database_image: text().optional(),
  kubectl_image: text().optional(),
});

/** Throws a FormatError that names `where`, the line and the field. */
export function parseHoprSettings(content: string, where: string): HoprSettings {
  const { value, lineOf } = parseYamlText(content, where);
  const result = fileSchema.safeParse(value ?? {});
  if (!result.success) {
    const problems = result.error.issues.map((issue) => {
      const [problem = ''] = describeSchemaProblems(new z.ZodError([issue]), fileSchema, '');
      return `line ${lineOf(issue.path)}, ${problem.replace(/^\./, '')}`;
    });
    throw new FormatError(`${where}: ${problems.join('; ')}`);
  }
  const file = result.data;
  const { ingress, persistence } = file;
  return {
    instanceName: file.instance.name,
    instanceNamespace: file.instance.namespace,
    ingress: {
      className: ingress.ingress_class_name,
      dnsDomain: ingress.dns_domain,
      annotations: ingress.annotations ?? {},
      loadBalancerIp: ingress.loadbalancer_ip,
      portMin: ingress.port_min,
      portMax: ingress.port_max,
      namespace: ingress.namespace,
      deploymentName: ingress.deployment_name,
    },
    persistence: { size: persistence.size, storageClassName: persistence.storage_class_name },
    snapshotUrl: file.snapshot_url ?? snapshotIn(file.bucket_name),
    providerUrl: file.hopli_rpc_provider_url ?? 'https://gnosis.drpc.org',
    images: {
      hoprd: file.hoprd_image ?? `${REGISTRY}/hoprd`,
      metrics: file.metrics_image ?? `${REGISTRY}/hoprd-operator-metrics`,
      init: file.init_image ?? 'alpine',
      deleteDatabase: file.delete_database_image ?? 'debian:stable',
      hopli: file.hopli_image,
      kubectl: file.kubectl_image ?? 'registry.hub.docker.com/bitnami/kubectl:1.24',
    },
  };
}

function snapshotIn(bucket: string | undefined): string | undefined {
  return bucket === undefined ? undefined : `https://storage.googleapis.com/${bucket}/hopr_logs.tar.gz`;
}
