/** A spec with every default filled in: what the rest of the kind reads. Pure. */
import type { PropertyFileOverrides } from '../../formats/symbol-properties.ts';
import type { SymbolNode, SymbolNodeSpec } from './schema.ts';

type Feature = 'PEER' | 'API' | 'HARVESTER' | 'VOTER';

export type Settings = {
  /** With PEER in any case. */
  features: ReadonlySet<Feature>;
  api: 'none' | 'light' | 'full';
  replicas: 0 | 1;
  overrides: PropertyFileOverrides;
  certificates: {
    caCommonName: string;
    nodeCommonName: string;
    caDays: number;
    nodeDays: number;
    renewBeforeDays: number;
    autoRenew: boolean;
  };
  voting: { renewBeforeDays: number; autoRenew: boolean };
  links: 'Prepare' | 'Sign' | 'Announce';
  recovery: { enabled: boolean; maxAttempts: number };
  monitor: {
    maxBlocksBehind: number;
    /** Undefined: the package's. Empty: none. */
    nodewatch: string | undefined;
  };
  exposure: NonNullable<SymbolNodeSpec['exposure']> & {
    type: 'HostPort' | 'NodePort' | 'LoadBalancer' | 'Internal';
    restType: 'Internal' | 'NodePort' | 'LoadBalancer';
  };
  retain: boolean;
};

/** Longest common name of a certificate. */
const MAX_COMMON_NAME = 64;

/** @param node the name of the node, as its objects have it */
export function settingsOf({ spec }: SymbolNode, node: string): Settings {
  const features = new Set<Feature>(['PEER', ...(spec.features ?? [])]);
  const { certificates = {}, voting = {}, recovery = {}, monitor = {}, exposure = {} } = spec;
  return {
    features,
    api: !features.has('API') ? 'none' : spec.lightApi === true ? 'light' : 'full',
    replicas: spec.replicas === 0 ? 0 : 1,
    overrides: spec.overrides ?? {},
    certificates: {
      caCommonName: certificates.caCommonName ?? `${node} CA`.slice(0, MAX_COMMON_NAME),
      nodeCommonName: certificates.nodeCommonName ?? node,
      caDays: certificates.caDays ?? 7300,
      nodeDays: certificates.nodeDays ?? 375,
      renewBeforeDays: certificates.renewBeforeDays ?? 30,
      autoRenew: certificates.autoRenew ?? true,
    },
    voting: { renewBeforeDays: voting.renewBeforeDays ?? 30, autoRenew: voting.autoRenew ?? true },
    links: spec.accounts?.links ?? 'Prepare',
    recovery: { enabled: recovery.enabled ?? true, maxAttempts: recovery.maxAttempts ?? 3 },
    monitor: { maxBlocksBehind: monitor.maxBlocksBehind ?? 5, nodewatch: monitor.nodewatch?.replace(/\/+$/, '') },
    exposure: { ...exposure, type: exposure.type ?? 'HostPort', restType: exposure.restType ?? 'Internal' },
    retain: spec.deletionPolicy !== 'Delete',
  };
}
