import { expect, test } from 'vitest';
import { concerns, isSelected } from './webhooks.ts';

const pods = { group: '', resource: 'pods', operation: 'CREATE' };
const status = { group: 'nodewright.dev', resource: 'symbolnodes/status', operation: 'UPDATE' };

test.each([
  ['the same', { apiGroups: [''], resources: ['pods'], operations: ['CREATE'] }, pods, true],
  ['everything', { apiGroups: ['*'], resources: ['*'], operations: ['*'] }, pods, true],
  ['another group', { apiGroups: ['apps'], resources: ['*'], operations: ['*'] }, pods, false],
  ['another operation', { apiGroups: [''], resources: ['pods'], operations: ['UPDATE'] }, pods, false],
  ['a subresource of it', { apiGroups: [''], resources: ['pods/exec'], operations: ['*'] }, pods, false],
  ['whole objects only', { apiGroups: ['*'], resources: ['*'], operations: ['*'] }, status, false],
  ['all subresources', { apiGroups: ['*'], resources: ['*/*'], operations: ['*'] }, status, true],
  ['this subresource', { apiGroups: ['*'], resources: ['symbolnodes/status'], operations: ['*'] }, status, true],
])('a webhook for %s', (_, rule, write, expected) => expect(concerns({ rules: [rule] }, write)).toBe(expected));

const where = (operator: string, values?: string[]) => ({
  matchExpressions: [{ key: 'team', operator, ...(values === undefined ? {} : { values }) }],
});
test.each([
  ['none', undefined, true],
  ['its label', { matchLabels: { team: 'a' } }, true],
  ['another', { matchLabels: { team: 'b' } }, false],
  ['In', where('In', ['a']), true],
  ['NotIn', where('NotIn', ['a']), false],
  ['Exists', where('Exists'), true],
  ['DoesNotExist', where('DoesNotExist'), false],
])('a namespace by selector %s', (_, selector, expected) => expect(isSelected(selector, { team: 'a' })).toBe(expected));
