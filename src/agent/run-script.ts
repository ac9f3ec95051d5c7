import { startChild } from './child-process.ts';

/**
 * Runs a script of the user's in `sh`, in our working directory and environment; its output goes to the log. `options` are the shell's,
 * such as `-eu`. Throws with its status and last words; `field` of the resource names it.
 */
export async function runScript(script: string, field: string, options: readonly string[] = []): Promise<void> {
  const child = startChild('sh', [...options, '-c', script], { stdin: 'ignore', stdout: 'inherit' }, true);
  const failure = await child.failure;
  if (failure !== undefined) throw new Error(`the script in ${field} ${failure}`);
}
