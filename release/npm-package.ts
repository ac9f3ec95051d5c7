/**
 * The package that goes to npm, in a folder: the bundles, and a package.json without dependencies, as the bundles have them inside. The one of
 * the checkout stays private, so that nobody publishes it by mistake.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { contents } from '../image/contents.ts';

const FILES = ['README.md', 'CHANGELOG.md', 'LICENSE', 'THIRD-PARTY-LICENSES.md'];
/** The same as in the image. */
export const BUNDLES = contents.files.map(({ from }) => from as string).filter((file) => file.startsWith('dist/'));
const KEPT = ['name', 'version', 'description', 'license', 'type', 'engines', 'bin'] as const;

/** Makes the folder anew. Throws an Error when something is not built. */
export function writeNpmPackage(root: string, folder: string): void {
  const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  rmSync(folder, { recursive: true, force: true });
  for (const file of [...FILES, ...BUNDLES]) {
    if (!existsSync(join(root, file))) throw new Error(`${file} is missing, and the package needs it: npm run build`);
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    copyFileSync(join(root, file), join(folder, file));
  }
  const kept = Object.fromEntries(KEPT.map((member) => [member, own[member]]));
  const files = [...BUNDLES, ...FILES];
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify({ ...kept, files }, null, 2)}\n`);
}
