/** The files of the page, as `npm run build` puts them beside the bundle. They are read when asked for: hardly anybody does. */
import { readFile } from 'node:fs/promises';

type PageFile = { body: Uint8Array<ArrayBuffer>; type: string };

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

export function pageFilesIn(folder: URL): PageFiles {
  return {
    async read(path) {
      const name = path === '/' ? 'index.html' : path.slice(1);
      const type = /^[\w-]+\.([a-z]+)$/.exec(name)?.[1];
      if (type === undefined || TYPES[type] === undefined) return undefined;
      try {
        return { body: new Uint8Array(await readFile(new URL(name, folder))), type: TYPES[type] };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
  };
}
