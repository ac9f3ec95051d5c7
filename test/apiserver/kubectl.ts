import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import type { TestApi } from './control-plane.ts';

const run = promisify(execFile);

/** Runs kubectl, with objects on its standard input. Returns what it says, `refused: …` when it fails. */
export async function kubectl(api: TestApi, args: string[], ...objects: object[]): Promise<string> {
  const child = run(api.plane.kubectl, ['--kubeconfig', api.plane.kubeconfigPath, ...args]);
  child.child.stdin?.end(objects.map((object) => stringify(object, { version: '1.1' })).join('---\n'));
  return child.then(
    ({ stdout }) => stdout,
    (error: { stderr: string }) => `refused: ${error.stderr}`,
  );
}
