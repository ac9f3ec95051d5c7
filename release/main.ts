/** `npm run package`: makes what `npm publish` and `docker build` take. docs/releasing.md says how it is used. */
import { bundle } from '../cluster/bring-up.ts';
import { writeNpmPackage } from './npm-package.ts';

const root = new URL('..', import.meta.url).pathname;
const folder = `${root}dist/npm`;
await bundle(root);
writeNpmPackage(root, folder);
process.stdout.write(`${folder}\n`);
