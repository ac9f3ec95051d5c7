/** Whether the world knows a name, as far as the operator's resolver can tell. */
import { lookup } from 'node:dns/promises';

/** Throws where nobody could be asked. An address counts as a name that has one. */
export async function findHost(host: string): Promise<boolean> {
  try {
    await lookup(host);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTFOUND') return false;
    throw error;
  }
}
