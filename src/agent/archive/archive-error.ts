/** Something is wrong with the content of a file. Its message does not say which file: only who opened it knows. */
export class ArchiveError extends Error {}

/** Runs the action; an ArchiveError of it gets the name of the file, and `advice` at its end. */
export async function nameFile<T>(name: string, advice: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw error instanceof ArchiveError ? new Error(`${name}: ${error.message}; ${advice}`) : error;
  }
}
