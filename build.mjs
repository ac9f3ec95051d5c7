// Bundles the two programs of the container image and of `npx nodewright`:
// dist/main.js (command line and operator) and dist/agent.js (what runs inside node pods, no Kubernetes client). Beside them
// dist/symbol-sdk.js, which main.js loads only when it makes a transaction, and dist/dashboard/, the page that the operator serves.
// With --list-inputs nothing is written: the files that go into the bundles are printed, for the list of licences.
import { chmod, readFile, rm } from 'node:fs/promises';
import { relative } from 'node:path';
import { build } from 'esbuild';
import { build as buildPage } from 'vite';

const { version } = JSON.parse(await readFile(new URL('package.json', import.meta.url), 'utf8'));
const root = new URL('.', import.meta.url).pathname;
const outdir = new URL('dist/', import.meta.url).pathname;
const listsInputs = process.argv.includes('--list-inputs');
if (!listsInputs) await rm(outdir, { recursive: true, force: true });
const require =
  "import { createRequire as nodewrightRequire } from 'node:module'; const require = nodewrightRequire(import.meta.url);";
const programs = [
  // What it keeps of a fleet is small against what it makes and drops with every pass: a heap that grows by halves, or that is left with holes,
  // would be mostly waste, and so would what the C library keeps: one heap for each thread, and in it the holes that V8's compiler leaves,
  // which takes memory in pieces of 32 KB. Pieces of that size go back to the system when they are freed (mallopt(3)). Threads that collect
  // garbage beside it would take processor time from the nodes, and in a pod with a limit from the operator itself.
  {
    name: 'main',
    source: 'src/main.ts',
    node: [
      ...['-S', 'MALLOC_ARENA_MAX=1', 'MALLOC_MMAP_THRESHOLD_=32768', 'MALLOC_TRIM_THRESHOLD_=65536'],
      ...['node', '--max-semi-space-size=8', '--heap-growing-percent=20', '--compact-on-every-full-gc'],
      '--single-threaded-gc',
    ].join(' '),
  },
  // It runs beside every node: less memory that Node.js keeps for itself, and no threads for a compiler that has nothing to do.
  { name: 'agent', source: 'src/agent/main.ts', node: '-S node --max-semi-space-size=1 --v8-pool-size=0' },
  { name: 'symbol-sdk', source: 'src/formats/symbol-sdk.ts', node: 'node' },
];
/**
 * What symbol-sdk loads and we never use: mnemonics of wallets, a megabyte and a half, and Ed25519 in WebAssembly, whose file a bundle does
 * not find. We sign by node:crypto.
 */
const unusedOfSymbolSdk = {
  name: 'unused-of-symbol-sdk',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(bitcore-mnemonic|symbol-crypto-wasm-node)$/ }, ({ path }) => ({
      path,
      namespace: 'unused',
    }));
    onLoad({ filter: /./, namespace: 'unused' }, () => ({ contents: 'module.exports = {};' }));
  },
};
/** Error messages of zod in forty languages, which its index names whether they are used or not. */
const unusedOfZod = {
  name: 'unused-of-zod',
  setup({ onLoad }) {
    onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    }));
  },
};
/** fetch, WebSockets, caches and mocks, which its index loads; we and client-node use its pools of connections. */
const unusedOfUndici = {
  name: 'unused-of-undici',
  setup({ onLoad }) {
    onLoad({ filter: /\/node_modules\/undici\/index\.js$/ }, () => ({
      contents: `
        Object.assign(require('./lib/dispatcher/dispatcher').prototype, require('./lib/api'));
        exports.Agent = require('./lib/dispatcher/agent');
        exports.ProxyAgent = require('./lib/dispatcher/proxy-agent');`,
    }));
  },
};
/** A file of its own: Node.js keeps the text of what it has read, whether it runs or not. */
const symbolSdkApart = {
  name: 'symbol-sdk-apart',
  setup({ onResolve }) {
    onResolve({ filter: /\/symbol-sdk\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './symbol-sdk.js', external: true } : undefined,
    );
  },
};
const results = await Promise.all(
  programs.map(({ name, source, node }) =>
    build({
      entryPoints: { [name]: source },
      absWorkingDir: new URL('.', import.meta.url).pathname,
      outdir,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      sourcemap: true,
      legalComments: 'none',
      // Node.js keeps the text in memory, and twice as much of it if there is one letter in a comment that is not Latin. Names stay.
      minifyWhitespace: true,
      minifySyntax: true,
      lineLimit: 500,
      define: { 'process.env.NODEWRIGHT_VERSION': JSON.stringify(process.env.NODEWRIGHT_VERSION ?? version) },
      banner: { js: `#!/usr/bin/env ${node}\n${require}` },
      plugins: [unusedOfSymbolSdk, unusedOfZod, unusedOfUndici, symbolSdkApart],
      logLevel: 'warning',
      write: !listsInputs,
      metafile: listsInputs,
    }),
  ),
);
const page = await buildPage({
  configFile: false,
  root: new URL('src/dashboard/page/', import.meta.url).pathname,
  // It may be served below any path.
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    write: !listsInputs,
    outDir: `${outdir}dashboard`,
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // The image lists its files, so that they have names that stay.
    rolldownOptions: {
      output: { entryFileNames: '[name].js', chunkFileNames: '[name].js', assetFileNames: '[name][extname]' },
    },
  },
  logLevel: 'warn',
});
if (listsInputs) {
  const ofPrograms = results.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  const ofPage = page.output.flatMap(({ moduleIds = [] }) => moduleIds.map((id) => relative(root, id)));
  process.stdout.write(JSON.stringify([...ofPrograms, ...ofPage]));
}
// esbuild escapes what is not Latin but in regular expressions, and one such letter doubles the memory that the text takes.
for (const { name } of listsInputs ? [] : programs) {
  const notLatin = /.{0,40}[^\0-\xff].{0,20}/.exec(await readFile(`${outdir}${name}.js`, 'utf8'));
  if (notLatin !== null) throw new Error(`dist/${name}.js: write the letter as \\u and its number: ${notLatin[0]}`);
}
await Promise.all(['main.js', 'agent.js'].map((file) => chmod(`${outdir}${file}`, 0o755)));
