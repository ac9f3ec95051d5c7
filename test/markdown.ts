/** The documentation as its tests read it: files, links, anchors, blocks of code. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

export type Page = { path: string; text: string };
type CodeBlock = { page: string; line: number; language: string; text: string };
type Link = { page: string; line: number; target: string };

const ROOT = join(import.meta.dirname, '..');
const FENCE = /^( *)```(\w*)\n([\s\S]*?)^ *```$/gm;

/** Every page that people read: those at the top, those in docs/, and the README of a folder. */
export const pages: readonly Page[] = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...listMarkdown('docs'),
  ...['src', 'cluster', 'chart', 'conform', 'image'].flatMap(listMarkdown),
]
  .sort()
  .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));

export const guides: readonly Page[] = pages.filter(({ path }) => /^(README|CONTRIBUTING)|^docs\/|^chart\//.test(path));

export function codeBlocks({ path, text }: Page): CodeBlock[] {
  return [...text.matchAll(FENCE)].map(({ index, 1: indent = '', 2: language = '', 3: body = '' }) => ({
    page: path,
    line: lineOf(text, index),
    language,
    text: body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }));
}

/** Code between single backticks, outside of blocks. */
export function inlineCode({ text }: Page): string[] {
  return [...withoutBlocks(text).matchAll(/`([^`\n]+)`/g)].map(([, code]) => code as string);
}

/** Links and pictures, but for those that lead out of the repository. */
export function localLinks({ path, text }: Page): Link[] {
  const plain = withoutBlocks(text).replaceAll(/`[^`\n]*`/g, (code) => ' '.repeat(code.length));
  return [...plain.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)]
    .map(({ index, 1: link, 2: picture }) => ({
      page: path,
      line: lineOf(plain, index),
      target: link ?? picture ?? '',
    }))
    .filter(({ target }) => !/^[a-z]+:/.test(target));
}

/** What is wrong with a link, or undefined. */
export function findBrokenLink({ page, target }: Link): string | undefined {
  const [file = '', anchor] = target.split('#');
  const path = file === '' ? page : relative(ROOT, join(ROOT, dirname(page), file));
  if (!existsSync(join(ROOT, path))) return `there is no ${path}`;
  if (anchor === undefined || statSync(join(ROOT, path)).isDirectory()) return undefined;
  const text = readFileSync(join(ROOT, path), 'utf8');
  return anchorsOf(text).has(anchor) ? undefined : `${path} has no heading #${anchor}`;
}

/** As GitHub makes them of headings. */
function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of withoutBlocks(text).matchAll(/^#+ +(.+)$/gm)) {
    const slug = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\-_ ]/gu, '')
      .trim()
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** The lines stay where they are. */
function withoutBlocks(text: string): string {
  return text.replaceAll(FENCE, (block) => block.replaceAll(/[^\n]/g, ''));
}

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

function listMarkdown(folder: string): string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { recursive: true })
    .map((path) => join(folder, String(path)))
    .filter((path) => path.endsWith('.md'));
}
