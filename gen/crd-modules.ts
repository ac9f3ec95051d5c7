/** What a kind whose CRD is written by hand has of it: `schema.gen.ts`, its types, and `crd.gen.ts`, the CRD itself. */
import { CRD_SOURCES } from './crd-sources.ts';
import { renderTypes } from './crd-types.ts';

/** Path from the checkout and text of every module. */
export function renderCrdModules(): { path: string; text: string }[] {
  return CRD_SOURCES.flatMap((source) => [{ path: `${source.folder}/schema.gen.ts`, text: renderTypes(source) }]);
}
