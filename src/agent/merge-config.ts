/**
 * Makes a node's configuration: what the chain's own `init` wrote, just now into an empty place, with what the resource says over it.
 * So every start begins from the defaults of the program that runs.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mergeToml, parseToml, renderToml } from '../formats/toml.ts';
import { forgetConfiguredPeers } from './address-book.ts';
import type { ChainPaths } from './chain-paths.ts';
import { readIfThere, replaceFile } from './durable-file.ts';
import { explainFullVolume } from './free-space.ts';

const FILES = [
  { name: 'config.toml', overlay: 'config-overlay.toml' },
  { name: 'app.toml', overlay: 'app-overlay.toml' },
];

/** Replaces node_key.json, config.toml and app.toml, each at once; a file that init did not make is left out. */
export async function mergeConfig(
  { home, chainHome, configDir }: ChainPaths,
  log: (line: string) => void,
): Promise<void> {
  await mkdir(configDir, { recursive: true });
  try {
    const key = join(configDir, 'node_key.json');
    await replaceFile(key, await readMounted(join(home, '.config', 'node_key.json')));
    log(`wrote ${key}`);
    for (const { name, overlay } of FILES) {
      const madePath = join(home, '.tmp', 'config', name);
      const made = await readIfThere(madePath);
      if (made === undefined) {
        log(`no ${name}: init of the chain's program made none`);
        continue;
      }
      const overlayPath = join(home, '.config', overlay);
      const settings = parseToml((await readMounted(overlayPath)).toString(), overlayPath);
      const merged = renderToml(mergeToml(parseToml(made, madePath), settings));
      await replaceFile(join(configDir, name), merged, 0o644);
      log(`wrote ${join(configDir, name)}`);
      if (name === 'config.toml') await forgetConfiguredPeers(chainHome, merged, log);
    }
  } catch (error) {
    throw await explainFullVolume(error, configDir, '');
  }
}

async function readMounted(path: string): Promise<Buffer> {
  return readFile(path).catch((error: Error) => {
    throw new Error(`${path} of the pod's ConfigMap can't be read: ${error.message}`);
  });
}
