/**
 * A CustomResourceDefinition from a zod schema. The API server accepts structural schemas only: no unions of objects, no `const`, no
 * `additionalProperties: false`; what has to be said beyond that is said in CEL (`x-kubernetes-validations` in a schema's meta).
 */
import { z } from 'zod';
import type { CustomResourceDefinition } from '../kube/objects.ts';
import type { ResourceType } from '../kube/resource-types.ts';

type PrinterColumn = {
  name: string;
  type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  jsonPath: string;
  description: string;
  priority?: number;
};

export type CrdOptions = {
  type: ResourceType;
  shortNames: string[];
  description: string;
  spec: z.ZodType;
  status: z.ZodType;
  /** CEL rules about the whole object, such as on `self.metadata.name`. */
  rules: { rule: string; message: string }[];
  columns: PrinterColumn[];
  scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath?: string };
};

type Schema = Record<string, unknown>;

export function buildCrd(options: CrdOptions): CustomResourceDefinition {
  const { type } = options;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${type.plural}.${type.group}`, labels: { 'app.kubernetes.io/name': 'nodewright' } },
    spec: {
      group: type.group,
      scope: type.namespaced ? 'Namespaced' : 'Cluster',
      names: {
        kind: type.kind,
        listKind: `${type.kind}List`,
        plural: type.plural,
        singular: type.kind.toLowerCase(),
        shortNames: options.shortNames,
        categories: ['nodewright'],
      },
      versions: [
        {
          name: type.version,
          served: true,
          storage: true,
          additionalPrinterColumns: options.columns,
          subresources: { status: {}, ...(options.scale ? { scale: options.scale } : {}) },
          schema: {
            openAPIV3Schema: {
              type: 'object',
              description: options.description,
              required: ['spec'],
              'x-kubernetes-validations': options.rules,
              properties: {
                apiVersion: { type: 'string' },
                kind: { type: 'string' },
                metadata: { type: 'object' },
                spec: structuralSchema(options.spec),
                status: structuralSchema(options.status),
              },
            },
          },
        },
      ],
    },
  } as unknown as CustomResourceDefinition;
}

/** The schema as Kubernetes wants it. */
function structuralSchema(schema: z.ZodType): Schema {
  const json = z.toJSONSchema(schema, {
    target: 'openapi-3.0',
    io: 'input',
    override: ({ jsonSchema }) => restrict(jsonSchema as Schema),
  });
  delete (json as Schema).$schema;
  return json as Schema;
}

function restrict(schema: Schema): void {
  if (schema.additionalProperties === false || isAnything(schema.additionalProperties)) {
    delete schema.additionalProperties;
  }
  delete schema.propertyNames;
  if (schema['x-kubernetes-int-or-string'] === true) delete schema.type;
  if (schema.type === 'integer') {
    schema.format = 'int64';
    if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
    if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  }
  if (schema['x-kubernetes-int-or-string'] === true && Array.isArray(schema.anyOf)) {
    schema.anyOf = [{ type: 'integer' }, { type: 'string' }];
  }
}

function isAnything(schema: unknown): boolean {
  return schema !== null && typeof schema === 'object' && Object.keys(schema).length === 0;
}
