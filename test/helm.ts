/** Helm and the chart, as users have them. Whoever imports this waits until Helm is there, which takes minutes on a new machine. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { ensureHelm } from '../cluster/helm.ts';
import type { KubeObject } from '../src/kube/objects.ts';

const execute = promisify(execFile);

const ROOT = join(import.meta.dirname, '..');
export const CHART = join(ROOT, 'chart');
const program = await ensureHelm(ROOT);

/** Runs Helm and returns what it prints. Throws with its words when it fails. */
export async function helm(...args: string[]): Promise<string> {
  const { stdout } = await execute(program, args, { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** The manifests of the chart as text. Later settings win over `files`, and are `name=value` as for `--set`. */
export function renderChart(
  namespace: string,
  { files = [], settings = [], hooks = true }: { files?: string[]; settings?: string[]; hooks?: boolean } = {},
): Promise<string> {
  return helm(
    ...['template', 'nodewright', CHART, '--namespace', namespace],
    ...files.flatMap((file) => ['--values', file]),
    ...settings.flatMap((setting) => ['--set', setting]),
    ...(hooks ? [] : ['--no-hooks']),
  );
}

export function parseManifests(text: string): KubeObject[] {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return [];
  return documents.map((document) => document.toJS() as KubeObject | null).filter((object) => object !== null);
}
