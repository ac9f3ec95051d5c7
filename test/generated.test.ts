/** What is generated from the sources is what they say now; if not: `npm run gen`. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { renderBundledPackages } from '../gen/bundled-packages.ts';
import { renderChartFiles } from '../gen/chart-files.ts';
import { renderCommandLine } from '../gen/command-line.ts';
import { renderCrdModules } from '../gen/crd-modules.ts';
import { renderReferences } from '../gen/crd-reference.ts';
import { renderMetricReference } from '../gen/metric-reference.ts';
import { renderRightsReference } from '../gen/rights-reference.ts';

const bundled = [...renderBundledPackages(new URL('..', import.meta.url).pathname), ...renderRightsReference()];

test.each([
  ...renderCrdModules(),
  ...renderReferences(),
  ...renderChartFiles(),
  ...(await renderMetricReference()),
  ...bundled,
  ...renderCommandLine(),
])('$path is fresh', ({ path, text }) => {
  expect(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')).toBe(text);
});
