/** The CustomResourceDefinitions of HOPR: chart/crds/hoprnet.org_*.yaml. Read anew at each call, as an operator at work needs none. */
import type { CustomResourceDefinition } from '../../kube/objects.ts';
import { crdJson as clusterHoprdJson } from './cluster-hoprd-crd.gen.ts';
import { crdJson as hoprdJson } from './hoprd-crd.gen.ts';
import { crdJson as identityHoprdJson } from './identity-hoprd-crd.gen.ts';
import { crdJson as identityPoolJson } from './identity-pool-crd.gen.ts';

export function identityPoolCrd(): CustomResourceDefinition {
  return JSON.parse(identityPoolJson());
}

export function identityHoprdCrd(): CustomResourceDefinition {
  return JSON.parse(identityHoprdJson());
}

export function clusterHoprdCrd(): CustomResourceDefinition {
  return JSON.parse(clusterHoprdJson());
}

export function hoprdCrd(): CustomResourceDefinition {
  return JSON.parse(hoprdJson());
}
