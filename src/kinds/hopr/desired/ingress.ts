/** The Ingress of a node, which leads to its API (spec hopr §3.3). */
import type { Ingress } from '../../../kube/objects.ts';
import type { HoprSettings } from '../../hopr-settings.ts';
import type { Hoprd } from '../schema.ts';
import { childMetadata, commonLabels } from './metadata.ts';
import { apiServiceName } from './services.ts';

export function buildIngress(hoprd: Hoprd, settings: HoprSettings): Ingress {
  const { name, namespace } = hoprd.metadata;
  const { annotations, className, dnsDomain } = settings.ingress;
  const host = `${name}.${namespace}.${dnsDomain}`;
  const service = { name: apiServiceName(hoprd), port: { name: 'api' } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { ...childMetadata(hoprd, name, commonLabels(settings, name)), annotations: { ...annotations } },
    spec: {
      ingressClassName: className,
      rules: [{ host, http: { paths: [{ pathType: 'ImplementationSpecific', backend: { service } }] } }],
      tls: [{ hosts: [host], secretName: `${name}-tls` }],
    },
  };
}
