/**
 * The layering of design.md, enforced. Imports are found by a pattern, which is enough for code that Biome has formatted; a type-only
 * import counts like any other, as it makes one folder know another.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

type Source = { path: string; text: string; imports: string[] };

const ROOT = join(import.meta.dirname, '..');
const MAX_LINES = 320;

const files = ['src', 'cluster', 'image', 'test', 'gen', 'conform', 'release']
  .filter((folder) => existsSync(join(ROOT, folder)))
  .flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true }).map((path) => join(folder, String(path))))
  .filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.gen.ts') && !path.includes('node_modules'))
  .sort()
  .map(readSource);
const shipped = files.filter(({ path }) => path.startsWith('src/') && !/\.test\.tsx?$/.test(path));

/** What the files of a folder may import: own code by prefix of its path, packages and Node modules by name. */
type Layer = { of: RegExp; except?: RegExp; own: RegExp; packages: RegExp };

const PURE_NODE = /^node:crypto$/;
/** The API's shapes, without anything that talks to it. */
const KUBE_TYPES = String.raw`src/kube/(objects|resource-types)\.ts`;

const LAYERS: Record<string, Layer> = {
  'formats know file formats and nothing else': {
    of: /^src\/formats\//,
    own: /^src\/formats\//,
    packages: /^(node:(crypto|zlib)|croner|smol-toml|yaml|yauzl|symbol-sdk(\/symbol)?|@peculiar\/asn1-(schema|x509))$/,
  },
  'reconcile knows the shapes of Kubernetes objects': {
    of: /^src\/reconcile\//,
    except: /^src\/reconcile\/act\.ts$/,
    own: new RegExp(`^(src/reconcile/(?!act\\.ts)|${KUBE_TYPES})`),
    packages: PURE_NODE,
  },
  'act.ts writes through the Kube it is given': {
    of: /^src\/reconcile\/act\.ts$/,
    own: new RegExp(`^(src/reconcile/|${KUBE_TYPES}|src/kube/(kube|api-error)\\.ts)`),
    packages: PURE_NODE,
  },
  'kube knows nothing of ours': { of: /^src\/kube\//, own: /^src\/kube\//, packages: /./ },
  'runtime knows kube only': {
    of: /^src\/runtime\//,
    own: /^src\/(runtime|kube)\//,
    packages: /^(?!undici|@kubernetes\/)/,
  },
  'what kinds of CometBFT nodes have in common is pure': {
    of: /^src\/comet-node\//,
    own: new RegExp(`^(src/(comet-node|formats)/|${KUBE_TYPES})`),
    packages: PURE_NODE,
  },
  'kinds know reconcile, formats, kube and runtime': {
    of: /^src\/kinds\//,
    own: /^src\/(kinds|comet-node|reconcile|formats|kube|runtime)\/(?!client\.ts|http\.ts|credentials\.ts)/,
    packages: /^(node:crypto|pino|zod)$/,
  },
  'what a kind wants is pure': {
    of: /^src\/kinds\/[^/]+\/(desired\/|schema|status)/,
    own: /^src\/(kinds|comet-node|reconcile|formats)\/(?!act\.ts)|^src\/kube\/(objects|resource-types|reader)\.ts$/,
    packages: /^(node:crypto|zod)$/,
  },
  'the server of the dashboard shows what kinds say of themselves': {
    of: /^src\/dashboard\/(server\/|wire\.ts)/,
    own: /^src\/(dashboard\/(server\/|wire\.ts)|kinds\/(kind|node-view)\.ts|reconcile\/change\.ts|kube\/(?!client\.ts)|runtime\/(health|clock|manual-clock)\.ts)/,
    packages: /^(node:|hono$|@hono\/node-server)/,
  },
  'the page of the dashboard knows what its server tells it': {
    of: /^src\/dashboard\/page\//,
    own: /^src\/dashboard\/(page\/|wire\.ts)/,
    packages: /^(preact(\/hooks)?|@preact\/signals|uplot(\/.*)?)$/,
  },
  'the agent knows formats only': {
    of: /^src\/agent\//,
    own: /^src\/(agent|formats)\//,
    packages: /^(?!undici|@kubernetes\/)/,
  },
  'the command line stands above everything but the agent': {
    of: /^src\/(cli\/|main\.ts)/,
    own: /^src\/(?!agent\/)/,
    packages: /./,
  },
};

describe('layers', () => {
  test.each(Object.entries(LAYERS))('%s', (_rule, layer) => {
    const sources = shipped.filter(({ path }) => layer.of.test(path) && !layer.except?.test(path));
    expect(sources.length).toBeGreaterThan(0);
    expect(
      sources.flatMap(({ path, imports }) =>
        imports
          .filter((name) => !(name.startsWith('src/') ? layer.own : layer.packages).test(name))
          .map((name) => `${path} imports ${name}`),
      ),
    ).toEqual([]);
  });

  test('every file belongs to a layer', () => {
    const layers = Object.values(LAYERS);
    expect(shipped.map(({ path }) => path).filter((path) => !layers.some(({ of }) => of.test(path)))).toEqual([]);
  });

  test('a kind never imports another kind, and only kinds/index.ts names the kinds', () => {
    const foreign = ({ path, imports }: Source) =>
      imports.filter((name) => kindOf(name) !== undefined && kindOf(name) !== kindOf(path));
    expect(
      shipped
        .filter(({ path }) => path !== 'src/kinds/index.ts')
        .flatMap((source) => foreign(source).map((name) => `${source.path} imports ${name}`)),
    ).toEqual([]);
  });

  test('only src/kube talks to the API server', () => {
    const callers = shipped.filter(({ imports }) => imports.some((name) => /^(undici|@kubernetes\/)/.test(name)));
    expect(callers.map(({ path }) => path).filter((path) => !path.startsWith('src/kube/'))).toEqual([]);
  });

  test('time and randomness are arguments below the runtime', () => {
    const pattern = /\b(Date\.now\(|new Date\(\)|Math\.random\b|randomBytes\(|randomUUID\(|performance\.now\()/;
    expect(
      shipped
        .filter(({ path }) => /^src\/(comet-node|reconcile|formats|kinds)\//.test(path))
        .flatMap(({ path, text }) => (pattern.test(text) ? [`${path}: ${pattern.exec(text)?.[0]}`] : [])),
    ).toEqual([]);
  });
});

describe('files', () => {
  test(`none is longer than ${MAX_LINES} lines`, () => {
    const long = files.map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }));
    expect(long.filter(({ lines }) => lines > MAX_LINES)).toEqual([]);
  });

  test('names say what is inside', () => {
    const vague =
      /(^|\/)(utils?|helpers?|types|common|misc|shared)(\.test)?\.ts$|(^|\/)(utils?|helpers?|types|common|misc|shared)\//;
    expect(files.map(({ path }) => path).filter((path) => vague.test(path))).toEqual([]);
    const kebab = /^[a-z0-9-]+(\.(test|property\.test|config))?\.tsx?$/;
    expect(files.map(({ path }) => path).filter((path) => !kebab.test(path.split('/').at(-1) ?? ''))).toEqual([]);
  });
});

function kindOf(path: string): string | undefined {
  return /^src\/kinds\/([^/]+)\//.exec(path)?.[1];
}

function readSource(path: string): Source {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const names = [
    ...text.matchAll(/^(?:import|export)\b[^'"`;]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm),
  ];
  const imports = names.map(([, from, bare, dynamic]) => (from ?? bare ?? dynamic) as string);
  return { path, text, imports: imports.map((name) => resolveImport(path, name)) };
}

/** Own files as paths from the root of the repository, others by their name. */
function resolveImport(from: string, name: string): string {
  return name.startsWith('.') ? relative(ROOT, normalize(join(ROOT, dirname(from), name))) : name;
}
