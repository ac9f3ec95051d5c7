/**
 * Names of a node's objects. Those of the tutorial stay: certificates-, resources- and seed-<node>, <node>-statefulset, data-<node>. <node>
 * is what the resource names, or else made of host and network; once objects exist it stays what it was.
 */
import type { SymbolNode } from './schema.ts';

/** A StatefulSet's pods carry a label with its name and a hash of 11 characters; 63 are allowed. */
const MAX_LENGTH = 40;
const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** As the spec alone says, or why that can't be a name: for the person who wrote it. */
export function nodeNameOf(resource: SymbolNode): string | { problem: string } {
  const { name, hostName, network } = resource.spec;
  if (name !== undefined && name !== '') {
    return isName(name) ? name : { problem: `spec.name: found ${JSON.stringify(name)}, ${NEED}` };
  }
  const made = `${hostName}-${network}`.replaceAll('.', '-');
  if (isName(made)) return made;
  const own = resource.metadata.name.replaceAll('.', '-');
  return isName(own) ? own : { problem: `the name of the resource can't name its objects: set spec.name; ${NEED}` };
}

const NEED = `need at most ${MAX_LENGTH} lower-case letters, digits and dashes, with no dash at its ends`;

function isName(name: string): boolean {
  return name.length <= MAX_LENGTH && NAME.test(name);
}

export type NodeNames = ReturnType<typeof namesOf>;

export function namesOf(node: string) {
  return {
    node,
    /** The key of the main account; kept whatever happens. */
    caKey: `ca-${node}`,
    /** remote.pem and vrf.pem of a HARVESTER; kept like the volume. */
    harvesterKeys: `remote-${node}`,
    /** private_key_tree<n>.dat; kept like the volume. */
    votingKeys: `voting-${node}`,
    /** With the node key, which is kept like the volume. */
    certificates: `certificates-${node}`,
    resources: `resources-${node}`,
    /** config-harvesting.properties, which has private keys inside. */
    harvesting: `harvesting-${node}`,
    rest: `rest-${node}`,
    mongo: `mongo-${node}`,
    /** The link transaction that waits, and what became of it. */
    transaction: `transaction-${node}`,
    /** Parts from the second on; the first part is the name without a number. */
    seed: (part: number) => withPart(`seed-${node}`, part),
    package: (part: number) => withPart(`package-${node}`, part),
    statefulSet: `${node}-statefulset`,
    pod: `${node}-statefulset-0`,
    claimTemplate: `data-${node}`,
    claim: `data-${node}-${node}-statefulset-0`,
    /** A name of a Service begins with a letter, a node's may be an address. */
    service: `node-${node}`,
    restService: `rest-${node}`,
  };
}

function withPart(name: string, part: number): string {
  return part === 0 ? name : `${name}-${part}`;
}
