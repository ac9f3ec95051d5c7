/** One program under several names, as packages and images link it. */
import { basename } from 'node:path';

/** kubectl runs `kubectl-nodewright` for `kubectl nodewright`, and this for what comes after it when Tab is pressed. */
const PLUGIN = 'kubectl-nodewright';
const PLUGIN_COMPLETION = 'kubectl_complete-nodewright';

/** @param argv of the process: Node.js, the file that it was called by, and the arguments */
export function invocationOf([, file = '', ...args]: readonly string[]): { programName: string; args: string[] } {
  switch (basename(file).replace(/\.(exe|cmd|js)$/, '')) {
    case PLUGIN:
      return { programName: 'kubectl nodewright', args };
    case PLUGIN_COMPLETION:
      return { programName: 'kubectl nodewright', args: ['__complete', ...args] };
    default:
      return { programName: 'nodewright', args };
  }
}
