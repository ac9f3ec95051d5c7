/** What is wrong with an identity as it is written. The key file is read for its form alone; nothing of it stands in a message. */
import { decodeBase64 } from '../../formats/base64.ts';
import { checkEthereumAddress } from '../../formats/ethereum-address.ts';
import { FormatError } from '../../formats/format-error.ts';
import { checkPeerId } from '../../formats/peer-id.ts';
import type { Reason } from '../../reconcile/reasons.ts';
import type { Problem } from '../problem.ts';
import type { IdentityHoprd } from './schema.ts';

const ADDRESSES = ['nativeAddress', 'safeAddress', 'moduleAddress'] as const;

/** Reason of the problem with which no node could start; the others may be meant, and a node may have run with them for long. */
const UNUSABLE = 'IdentityFileUnreadable';

export function findIdentityProblems({ spec }: IdentityHoprd): Problem[] {
  return [
    ...findFileProblem(spec.identityFile),
    ...problemOf('PeerIdInvalid', () => checkPeerId(spec.peerId, 'spec.peerId')),
    ...ADDRESSES.flatMap((member) =>
      problemOf('AddressInvalid', () => checkEthereumAddress(spec[member], `spec.${member}`)),
    ),
  ];
}

/** Whether a node can be given the identity. */
export function isUsable({ spec }: IdentityHoprd): boolean {
  return !findFileProblem(spec.identityFile).some(({ reason }) => reason === UNUSABLE);
}

function findFileProblem(text: string): Problem[] {
  const where = 'spec.identityFile';
  try {
    const content = decodeBase64(text, where).toString('utf8');
    if (isKeyFile(content)) return [];
    return [
      {
        reason: 'IdentityFileInvalid',
        message: `${where}: what it decodes to is no key file, which is JSON with a member "crypto"; encode the file that hopli made with base64, once`,
      },
    ];
  } catch (error) {
    if (error instanceof FormatError) return [{ reason: UNUSABLE, message: error.message }];
    throw error;
  }
}

function isKeyFile(content: string): boolean {
  try {
    const file: unknown = JSON.parse(content);
    return file !== null && typeof file === 'object' && ('crypto' in file || 'Crypto' in file);
  } catch {
    return false;
  }
}

function problemOf(reason: Reason, check: () => void): Problem[] {
  try {
    check();
    return [];
  } catch (error) {
    if (error instanceof FormatError) return [{ reason, message: error.message }];
    throw error;
  }
}
