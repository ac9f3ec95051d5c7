/** What a kind whose CRD is written by hand has of it: `schema.gen.ts`, its types, and `crd.gen.ts`, the CRD itself. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { CustomResourceDefinition } from '../src/kube/objects.ts';
import { CRD_SOURCES, type CrdSource } from './crd-sources.ts';
import { renderTypes } from './crd-types.ts';

/** Path from the checkout and text of every module. */
export function renderCrdModules(): { path: string; text: string }[] {
  return CRD_SOURCES.flatMap((source) => {
    const crd = readCrd(source);
    const place = `${source.folder}/${source.prefix ?? ''}`;
    return [
      { path: `${place}schema.gen.ts`, text: renderTypes(crd, source) },
      { path: `${place}crd.gen.ts`, text: renderText(crd, source) },
    ];
  });
}

export function readCrd({ file }: CrdSource): CustomResourceDefinition {
  return parse(readFileSync(new URL(`../chart/crds/${file}`, import.meta.url), 'utf8'));
}

/** The CRD as text inside a function: an engine does not make the string before somebody calls for it. */
function renderText(crd: CustomResourceDefinition, { file }: CrdSource): string {
  return [
    `/** Made by gen/crd-modules.ts from chart/crds/${file}. To change it, change that file and run: npm run gen */`,
    'export function crdJson(): string {',
    `  return ${JSON.stringify(JSON.stringify(crd))};`,
    '}',
    '',
  ].join('\n');
}
