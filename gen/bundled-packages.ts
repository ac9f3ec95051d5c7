/** The npm packages that are inside our programs, as esbuild tells: their licences, and a bill of materials. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

type BundledPackage = { name: string; version: string; license: string; homepage: string | undefined; text: string };

/** Licences that ask for no more than to be named and shown. Another one has to be read before it gets here. */
const PERMISSIVE = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'MIT-0',
]);

/** Path from the checkout and text of the two lists. */
export function renderBundledPackages(root: string): { path: string; text: string }[] {
  const packages = readBundledPackages(root);
  const { name, version } = readJson(join(root, 'package.json'));
  return [
    { path: 'THIRD-PARTY-LICENSES.md', text: renderLicenses(packages) },
    { path: 'image/npm.cdx.json', text: renderSbom(packages, { name, version }) },
  ];
}

/** By name and version. Throws an Error that names a package whose licence is not known to be permissive. */
function readBundledPackages(root: string): BundledPackage[] {
  const listed = execFileSync(process.execPath, [join(root, 'build.mjs'), '--list-inputs'], { encoding: 'utf8' });
  const inputs: string[] = JSON.parse(listed);
  const folders = new Set(inputs.flatMap((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []));
  const byId = new Map<string, BundledPackage>();
  for (const folder of folders) {
    const found = readPackage(join(root, folder));
    byId.set(`${found.name}@${found.version}`, found);
  }
  return [...byId].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, found]) => found);
}

function readPackage(folder: string): BundledPackage {
  const { name, version, license, homepage } = readJson(join(folder, 'package.json'));
  const id = typeof license === 'string' ? license : '';
  const choices = id.replaceAll(/[()]/g, '').split(' OR ');
  if (!choices.some((choice: string) => PERMISSIVE.has(choice)))
    throw new Error(
      `${name}@${version} is under ${id === '' ? 'a licence that it does not name' : id}: read it, then see gen/bundled-packages.ts`,
    );
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
  const text = files.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n');
  return { name, version, license: id, homepage, text };
}

function renderLicenses(packages: readonly BundledPackage[]): string {
  const lines = [
    '# Licences of what is bundled',
    '',
    '<!-- Made by gen/bundled-packages.ts from what esbuild puts into the programs. To change it: npm run gen -->',
    '',
    `Nodewright's programs contain these ${packages.length} npm packages. The Debian packages of the image have theirs in \`/usr/share/doc/*/copyright\` there.`,
    '',
    '| package | version | licence |',
    '| --- | --- | --- |',
    ...packages.map(({ name, version, license }) => `| ${name} | ${version} | ${license} |`),
    '',
    ...packages.flatMap(({ name, version, license, text }) => [
      `## ${name} ${version}`,
      '',
      ...(text === '' ? [`${license}; the package comes without a text.`] : ['```text', stripFences(text), '```']),
      '',
    ]),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

/** CycloneDX. No time and no serial number: the same packages give the same file. */
function renderSbom(packages: readonly BundledPackage[], own: { name: string; version: string }): string {
  const components = packages.map(({ name, version, license }) => ({
    type: 'library',
    name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    licenses: [license.includes(' ') ? { expression: license } : { license: { id: license } }],
  }));
  const metadata = { component: { type: 'application', ...own, purl: `pkg:npm/${own.name}@${own.version}` } };
  const sbom = { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, metadata, components };
  return `${JSON.stringify(sbom, null, 2)}\n`;
}

function stripFences(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll('```', "'''")
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

// biome-ignore lint/suspicious/noExplicitAny: what is read of it is checked where it is used
function readJson(file: string): any {
  if (!existsSync(file)) throw new Error(`${file} is missing: npm ci`);
  return JSON.parse(readFileSync(file, 'utf8'));
}
