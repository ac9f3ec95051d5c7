/** What the init container of a node does, with the little that there is in an image of Alpine. */
import { CONFIGURATION_FILE, DATABASE_FOLDER, IDENTITY_FILE, quoteForShell } from './node-files.ts';

/** The environment holds both in base64. */
export const IDENTITY_VARIABLE = 'HOPRD_IDENTITY_FILE';
export const CONFIGURATION_VARIABLE = 'HOPRD_CONFIGURATION';

/** @param snapshotUrl archive of a database, whose paths begin at the root */
export function buildInitScript(snapshotUrl: string | undefined): string {
  return [
    'set -eu',
    ...(snapshotUrl === undefined ? [] : restoreSnapshot(snapshotUrl)),
    `printf %s "$${IDENTITY_VARIABLE}" | base64 -d > ${IDENTITY_FILE}`,
    `printf %s "$${CONFIGURATION_VARIABLE}" | base64 -d > ${CONFIGURATION_FILE}`,
    '',
  ].join('\n');
}

/**
 * Into a database that is not there yet. The archive is unpacked beside it and moved only when it is whole, the main file last: what was cut
 * off is never taken for a database. A node without it reads the chain itself, which takes longer.
 */
function restoreSnapshot(url: string): string[] {
  return [
    `db=${DATABASE_FOLDER}/db`,
    `part=${DATABASE_FOLDER}/.snapshot`,
    'if [ ! -e "$db/hopr_logs.db" ]; then',
    '  rm -rf "$part"',
    '  mkdir -p "$part" "$db"',
    `  echo "fetching the database from "${quoteForShell(url)}`,
    `  if wget -q -T 60 -O - ${quoteForShell(url)} | tar -xz -C "$part" && [ -e "$part$db/hopr_logs.db" ]; then`,
    '    for file in "$part$db"/*; do',
    '      [ "$file" = "$part$db/hopr_logs.db" ] || mv "$file" "$db/"',
    '    done',
    '    mv "$part$db/hopr_logs.db" "$db/"',
    '  else',
    '    echo "there was no whole database; the node reads the chain from its beginning" >&2',
    '  fi',
    '  rm -rf "$part"',
    'fi',
  ];
}
