/** `npm run gen`: writes what is generated from the sources. test/generated.test.ts proves that it is fresh. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { renderReferences } from './crd-reference.ts';

for (const { path, text } of renderReferences()) {
  const file = new URL(`../${path}`, import.meta.url);
  mkdirSync(dirname(file.pathname), { recursive: true });
  writeFileSync(file, text);
}
