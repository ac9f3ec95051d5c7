/**
 * Catapult's .properties files: flat sections of `key = value` lines, comments on lines of their own. They are never written anew but
 * patched line by line, so that comments, order and spacing stay those of the network's package.
 */
import { FormatError } from './format-error.ts';
import { findNearestName } from './nearest-name.ts';

/** By section, then by key; values as they are in the file, without the blanks around them. */
export type Properties = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Values by section, then by key. */
export type PropertyOverrides = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** By short name (`node` is config-node.properties), then as PropertyOverrides. */
export type PropertyFileOverrides = Readonly<Record<string, PropertyOverrides>>;

/** Parses a file. `where` names it in the error: "config-node.properties: line 3: …". */
export function parseProperties(text: string, where: string): Properties {
  const sections = new Map<string, Map<string, string>>();
  let section: Map<string, string> | undefined;
  for (const [index, line] of splitLines(text).entries()) {
    const content = parseLine(line);
    const fail = (reason: string) => new FormatError(`${where}: line ${index + 1}: ${reason}`);
    if (content === 'other') throw fail('found no section, no key = value and no comment');
    if (content === 'nothing') continue;
    if ('section' in content) {
      if (sections.has(content.section)) throw fail(`found section [${content.section}] a second time`);
      section = new Map();
      sections.set(content.section, section);
      continue;
    }
    if (section === undefined) throw fail(`found ${content.key} before the first section`);
    if (section.has(content.key)) throw fail(`found ${content.key} a second time in its section`);
    section.set(content.key, content.value);
  }
  return sections;
}

/** A value that must be there. `where` names the file. */
export function readProperty(properties: Properties, section: string, key: string, where: string): string {
  const value = properties.get(section)?.get(key);
  if (value === undefined) throw new FormatError(`${where}: [${section}] ${key}: found nothing, need a value`);
  return value;
}

/** An integer from 0, which may have `'` between its digits, as in 10'000. */
export function readPropertyCount(properties: Properties, section: string, key: string, where: string): number {
  const text = readProperty(properties, section, key, where);
  const count = /^\d[\d']*$/.test(text) ? Number(text.replaceAll("'", '')) : Number.NaN;
  if (!Number.isSafeInteger(count)) {
    throw new FormatError(`${where}: [${section}] ${key}: found ${JSON.stringify(text)}, need an integer`);
  }
  return count;
}

/**
 * Puts values in place of those in a file. Blanks at the ends of all lines go, as they do when shoestring patches; without overrides the
 * file stays as it is to the byte. Refuses a section or key that the file does not have: catapult would not read it. `where` names the
 * overrides, `file` the file.
 */
export function patchProperties(text: string, overrides: PropertyOverrides, where: string, file: string): string {
  if (Object.values(overrides).every((keys) => Object.keys(keys).length === 0)) return text;
  checkOverrides(parseProperties(text, file), overrides, where, file);
  const wanted = new Map(Object.entries(overrides).map(([section, keys]) => [section, new Map(Object.entries(keys))]));
  let section = '';
  const lines = splitLines(text).map((line) => {
    const content = parseLine(line);
    if (typeof content === 'string') return line.trim();
    if ('section' in content) {
      section = content.section;
      return line.trim();
    }
    const value = wanted.get(section)?.get(content.key);
    return (value === undefined ? line : `${content.key}${content.gap}=${content.gap}${value}`).trim();
  });
  return `${lines.join('\n')}\n`;
}

/**
 * Patches files by name, such as config-node.properties. Gives all of them, the others as they were. Refuses a file that is not among
 * them, and what patchProperties refuses.
 */
export function patchPropertyFiles(
  files: ReadonlyMap<string, string>,
  overrides: PropertyFileOverrides,
  where: string,
): Map<string, string> {
  const patched = new Map(files);
  const shortNames = [...files.keys()].flatMap((name) => /^config-(.+)\.properties$/.exec(name)?.[1] ?? []);
  for (const [shortName, sections] of Object.entries(overrides)) {
    const name = `config-${shortName}.properties`;
    const text = files.get(name);
    if (text === undefined) throw unknownName(where, shortName, `a file that this node has (${name})`, shortNames);
    patched.set(name, patchProperties(text, sections, `${where}.${shortName}`, name));
  }
  return patched;
}

function checkOverrides(properties: Properties, overrides: PropertyOverrides, where: string, file: string): void {
  for (const [section, keys] of Object.entries(overrides)) {
    const known = properties.get(section);
    if (known === undefined) throw unknownName(where, section, `a section of ${file}`, properties.keys());
    for (const [key, value] of Object.entries(keys)) {
      const place = `${where}.${section}`;
      if (!known.has(key)) throw unknownName(place, key, `a key of section [${section}] of ${file}`, known.keys());
      if (/[\r\n]/.test(value)) throw new FormatError(`${place}.${key}: found several lines, need one`);
    }
  }
}

function unknownName(where: string, name: string, need: string, known: Iterable<string>): FormatError {
  const nearest = findNearestName(name, known);
  const hint = nearest === undefined ? '' : `; did you mean ${JSON.stringify(nearest)}?`;
  return new FormatError(`${where}: found ${JSON.stringify(name)}, need ${need}${hint}`);
}

type Line = 'nothing' | 'other' | { section: string } | { key: string; gap: string; value: string };

function parseLine(line: string): Line {
  const text = line.trim();
  if (text === '' || text.startsWith('#') || text.startsWith(';')) return 'nothing';
  const section = /^\[(.*)\]$/s.exec(text)?.[1];
  if (section !== undefined) return { section };
  const [, key, gap, value] = /^([^\s=]+)(\s*)=\s*(.*)$/s.exec(text) ?? [];
  return key === undefined ? 'other' : { key, gap: gap as string, value: value as string };
}

/** Without the empty piece after the last line's end. */
function splitLines(text: string): string[] {
  const lines = text.split(/\r?\n/);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}
