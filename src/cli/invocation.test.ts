import { expect, test } from 'vitest';
import { invocationOf } from './invocation.ts';

test.each([
  ['/usr/bin/nodewright', 'nodewright', ['status']],
  ['/opt/nodewright/main.js', 'nodewright', ['status']],
  ['/usr/bin/kubectl-nodewright', 'kubectl nodewright', ['status']],
  ['C:/npm/kubectl-nodewright.cmd', 'kubectl nodewright', ['status']],
  ['/usr/bin/kubectl_complete-nodewright', 'kubectl nodewright', ['__complete', 'status']],
])('%s', (file, programName, args) => {
  expect(invocationOf(['node', file, 'status'])).toEqual({ programName, args });
});
