/** `npm run gen`: writes what is generated from the sources. test/generated.test.ts proves that it is fresh. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Paths are from the checkout. */
function write({ path, text }: { path: string; text: string }): void {
  const file = new URL(`../${path}`, import.meta.url);
  mkdirSync(dirname(file.pathname), { recursive: true });
  writeFileSync(file, text);
}

// The types and CRDs of the kinds first: what comes after imports the kinds.
const { renderCrdModules } = await import('./crd-modules.ts');
renderCrdModules().forEach(write);
const { renderReferences } = await import('./crd-reference.ts');
renderReferences().forEach(write);
const { renderChartFiles } = await import('./chart-files.ts');
renderChartFiles().forEach(write);
const { renderMetricReference } = await import('./metric-reference.ts');
(await renderMetricReference()).forEach(write);
const { renderRightsReference } = await import('./rights-reference.ts');
renderRightsReference().forEach(write);
const { renderBundledPackages } = await import('./bundled-packages.ts');
renderBundledPackages(new URL('..', import.meta.url).pathname).forEach(write);
const { renderCommandLine } = await import('./command-line.ts');
renderCommandLine().forEach(write);
