/**
 * Goldens: what the resources of a namespace become, as YAML that can be applied by hand. Nodes have the ports from the lowest on, and an
 * identity each, in the order of the file. A case without an input is the example of its name. UPDATE=1 writes them anew.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAllDocuments, stringify } from 'yaml';
import type { KubeObject } from '../../kube/objects.ts';
import { buildNodeChildren, buildPoolChildren } from './desired/children.ts';
import { buildClaim } from './desired/claim.ts';
import { buildClusterNode } from './desired/cluster-node.ts';
import { buildDeleteDatabaseJob } from './desired/delete-database.ts';
import { serviceTypeOf } from './desired/node.ts';
import { allocatePorts, LOAD_BALANCER_START, listPorts, portCountOf } from './desired/ports.ts';
import type { ClusterHoprd, Hoprd, IdentityHoprd, IdentityPool } from './schema.ts';
import { writtenSettings } from './written-resources.ts';

const CASES = join(import.meta.dirname, 'cases');
const EXAMPLES = join(import.meta.dirname, '../../../examples');
const settings = writtenSettings();
const BALANCER = { host: '198.51.100.4', isIp: true };

function render(objects: KubeObject[]): KubeObject[] {
  const ofKind = <T extends KubeObject>(wanted: string) => objects.filter(({ kind }) => kind === wanted) as T[];
  const identities = ofKind<IdentityHoprd>('IdentityHoprd');
  const nodes = [
    ...ofKind<Hoprd>('Hoprd'),
    ...ofKind<ClusterHoprd>('ClusterHoprd').flatMap((cluster) =>
      Array.from({ length: cluster.spec.replicas }, (_, index) => buildClusterNode(cluster, index + 1, settings)),
    ),
  ];
  const taken = new Set<number>();
  return [
    ...ofKind<IdentityPool>('IdentityPool').flatMap((pool) => buildPoolChildren(pool, settings)),
    ...identities.map((identity) => buildClaim(identity, settings)),
    ...nodes.filter((node) => !objects.includes(node)),
    ...nodes.flatMap((hoprd, index) => {
      const pool = ofKind<IdentityPool>('IdentityPool').find(
        ({ metadata }) => metadata.name === hoprd.spec.identityPoolName,
      );
      const identity =
        identities.find(({ metadata }) => metadata.name === hoprd.spec.identityName) ?? identities[index];
      if (pool === undefined || identity === undefined)
        throw new Error(`${hoprd.metadata.name} lacks pool or identity`);
      const isBalanced = serviceTypeOf(hoprd) === 'LoadBalancer';
      const count = portCountOf(hoprd.spec);
      const { portMin: first, portMax: last, loadBalancerIp } = settings.ingress;
      const found = isBalanced ? { start: LOAD_BALANCER_START, count } : allocatePorts({ first, last, count, taken });
      if (found === undefined) throw new Error('no ports are left');
      if (!isBalanced) for (const port of listPorts(found)) taken.add(port);
      const host = isBalanced ? BALANCER.host : loadBalancerIp;
      const children = buildNodeChildren({ hoprd, pool, identity, host, ports: found, settings }, BALANCER);
      const job = buildDeleteDatabaseJob(hoprd, identity.metadata.name, 'first', settings);
      return hoprd.spec.deleteDatabase === true ? [...children, job] : children;
    }),
  ];
}

const names = readdirSync(CASES, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));

test.each(names)('%s', (name) => {
  const own = join(CASES, name, 'input.yaml');
  const input = existsSync(own) ? own : join(EXAMPLES, `${name}.yaml`);
  const documents = parseAllDocuments(readFileSync(input, 'utf8'));
  const objects = (Array.isArray(documents) ? documents : []).map((document) => document.toJS() as KubeObject);
  const text = render(objects)
    .map((object) => stringify(object, { version: '1.1', aliasDuplicateObjects: false, lineWidth: 0 }))
    .join('---\n');
  const file = join(CASES, name, 'expect.yaml');
  if (process.env.UPDATE === '1') writeFileSync(file, text);
  expect(text).toBe(existsSync(file) ? readFileSync(file, 'utf8') : `${file} is missing; UPDATE=1 writes it`);
});
