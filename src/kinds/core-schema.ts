/**
 * The parts of Kubernetes' own API that our kinds let a user set, as zod schemas. Deep core/v1 structures that Kubernetes validates
 * itself when the pod is made are passed through unchanged (`x-kubernetes-preserve-unknown-fields`).
 */
import { z } from 'zod';

/** An open object: kept as it is by the API server and by us. */
export const passThrough = () =>
  z.looseObject({}).meta({ 'x-kubernetes-preserve-unknown-fields': true }) as z.ZodType<Record<string, unknown>>;

const quantity = () =>
  z.union([z.int(), z.string()]).meta({
    'x-kubernetes-int-or-string': true,
    pattern:
      '^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$',
  });

const stringMap = () => z.record(z.string().max(317), z.string().max(65536));

/** Labels or annotations for our objects; names of ours are refused. */
export const ownMetadata = () =>
  z.record(z.string().max(317), z.string().max(4096)).meta({
    maxProperties: 64,
    'x-kubernetes-validations': [
      {
        rule: "self.all(name, !name.startsWith('nodewright.dev/'))",
        message: 'names beginning with nodewright.dev/ are set by the operator',
      },
    ],
  });

export const resources = () =>
  z.strictObject({
    requests: z.record(z.string().max(253), quantity()).optional().describe('What is reserved for the container.'),
    limits: z.record(z.string().max(253), quantity()).optional().describe('What the container may use at most.'),
  });

export const imagePullPolicy = () => z.enum(['Always', 'IfNotPresent', 'Never']);

export const image = () => z.string().min(1).max(512);

/** A container beside the node: what a person sets by hand, typed; the rest of core/v1 Container passes through. */
export const container = () =>
  z
    .looseObject({
      name: z
        .string()
        .max(63)
        .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
        .optional()
        .describe('Name of the container in the pod.'),
      image: image().describe('Image of the container.'),
      command: z.array(z.string()).max(64).optional().describe("Replaces the image's entrypoint."),
      args: z.array(z.string()).max(256).optional().describe("Replaces the image's arguments."),
      env: z
        .array(
          z.looseObject({ name: z.string().min(1).max(256), value: z.string().optional() }).meta({
            'x-kubernetes-preserve-unknown-fields': true,
          }),
        )
        .max(256)
        .optional()
        .describe('Environment variables, as in a pod.'),
      resources: resources().optional().describe('CPU and memory, as in a pod.'),
    })
    .meta({ 'x-kubernetes-preserve-unknown-fields': true });

/** Where pods may run. */
export const scheduling = () =>
  z.strictObject({
    nodeSelector: stringMap().optional().describe('Labels that a machine must have.'),
    tolerations: z.array(passThrough()).max(64).optional().describe('Taints that the pods tolerate, as in a pod.'),
    affinity: passThrough()
      .optional()
      .describe('Affinity rules, as in a pod. Default: nodes of the same network prefer different machines.'),
    topologySpreadConstraints: z.array(passThrough()).max(16).optional().describe('Spread rules, as in a pod.'),
    priorityClassName: z.string().max(253).optional().describe('Priority class of the pods.'),
  });

/** The identity that pods run under; everything else of the restricted pod security profile is fixed. */
export const podIdentity = () =>
  z.strictObject({
    runAsUser: z.int().min(1).max(4294967294).optional().describe('User id of the processes. Default 1025.'),
    runAsGroup: z.int().min(1).max(4294967294).optional().describe('Group id of the processes. Default 1025.'),
    fsGroup: z.int().min(1).max(4294967294).optional().describe('Group that owns the data volume. Default 1025.'),
    supplementalGroups: z.array(z.int().min(0)).max(32).optional().describe('Further groups of the processes.'),
  });
