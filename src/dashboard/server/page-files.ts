/** The files of the page, as `npm run build` puts them beside the bundle. They are read when asked for: hardly anybody does. */
import { readFile } from 'node:fs/promises';

export type PageFile = { body: Uint8Array<ArrayBuffer>; type: string; cacheControl: string };

export type PageFiles = {
  /** `path` of a URL, such as `/`. Undefined where there is no such file. */
  read(path: string): Promise<PageFile | undefined>;
};

const TYPES: Record<string, string> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

/** What is named by its content never changes. */
const FOR_EVER = 'public, max-age=31536000, immutable';

export function pageFilesIn(folder: URL): PageFiles {
  return {
    async read(path) {
      const name = path === '/' ? 'index.html' : path.slice(1);
      const type = /^(?:assets\/)?[\w-]+\.([a-z]+)$/.exec(name)?.[1];
      if (type === undefined || TYPES[type] === undefined) return undefined;
      try {
        const body = new Uint8Array(await readFile(new URL(name, folder)));
        return { body, type: TYPES[type], cacheControl: name.startsWith('assets/') ? FOR_EVER : 'no-cache' };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
  };
}
