/** What the sidecar beside a node says of it (`agent symbol-health`), on this port. */
import { FormatError } from '../../../formats/format-error.ts';
import { asObject, parseJson, readCount, readObject, readString } from '../../../formats/json-members.ts';

export const HEALTH_PORT = 1251;

export type NodeHealth = {
  height: number;
  finalizedHeight: number;
  /** These are missing where the node tells no more than its height. */
  finalizationEpoch?: number;
  /** Nodes that it knows. */
  peers?: number;
  node?: {
    version: string;
    /** 64 upper-case hex digits: who it is in the network. */
    mainPublicKey: string;
    /** 64 upper-case hex digits: which network it is in. */
    generationHashSeed: string;
  };
};

/** Throws a FormatError with the sidecar's own words when it got no answer of the node. */
export function parseHealth(body: string): NodeHealth {
  const where = 'health check';
  const answer = asObject(parseJson(body, where), where);
  if (typeof answer.error === 'string') throw new FormatError(answer.error);
  // Through the API server, which tells by itself that it did not get there.
  if (answer.kind === 'Status' && typeof answer.message === 'string') throw new FormatError(answer.message);
  const node = answer.node === undefined ? undefined : readObject(answer, 'node', where);
  return {
    height: readCount(answer, 'height', where),
    finalizedHeight: readCount(answer, 'finalizedHeight', where),
    ...(answer.finalizationEpoch === undefined
      ? {}
      : { finalizationEpoch: readCount(answer, 'finalizationEpoch', where) }),
    ...(answer.peers === undefined ? {} : { peers: readCount(answer, 'peers', where) }),
    ...(node === undefined
      ? {}
      : {
          node: {
            version: readString(node, 'version', `${where}.node`),
            mainPublicKey: readString(node, 'mainPublicKey', `${where}.node`),
            generationHashSeed: readString(node, 'generationHashSeed', `${where}.node`),
          },
        }),
  };
}
