/** Where things are in the containers of a node. */

/** Where the init container leaves what it was given. */
export const IDENTITY_FOLDER = '/app/hoprd-identity';
export const IDENTITY_FILE = `${IDENTITY_FOLDER}/.hopr-id`;
export const CONFIGURATION_FILE = `${IDENTITY_FOLDER}/config.yaml`;
/** Where the volume of the identity is mounted. */
export const DATABASE_FOLDER = '/app/hoprd-db';

export const IDENTITY_VOLUME = 'hoprd-identity';
export const DATABASE_VOLUME = 'hoprd-db';

/** A text as one word for a shell. */
export function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
