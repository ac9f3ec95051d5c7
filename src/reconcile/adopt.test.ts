import { expect, test } from 'vitest';
import { adoptManagedFields } from './adopt.ts';

const entry = (manager: string, operation: 'Update' | 'Apply', fieldsV1: object, more: object = {}) => ({
  manager,
  operation,
  apiVersion: 'v1',
  fieldsType: 'FieldsV1',
  fieldsV1,
  ...more,
});

test('what the operator before us wrote joins what we applied', () => {
  const status = entry('manager', 'Update', { 'f:status': {} }, { subresource: 'status' });
  const other = entry('kubectl-edit', 'Update', { 'f:spec': { 'f:x': {} } });
  expect(
    adoptManagedFields(
      [
        entry('manager', 'Update', { 'f:spec': { 'f:ports': { '.': {}, 'k:{"port":1}': {} } } }),
        entry('nodewright-a', 'Apply', { 'f:spec': { 'f:type': {} } }),
        status,
        other,
      ],
      ['manager'],
      'nodewright-a',
    ),
  ).toEqual([
    entry('nodewright-a', 'Apply', { 'f:spec': { 'f:type': {}, 'f:ports': { '.': {}, 'k:{"port":1}': {} } } }),
    status,
    other,
  ]);
});

test('nothing to take over', () => {
  expect(adoptManagedFields([entry('kubectl-edit', 'Update', {})], ['manager'], 'nodewright-a')).toBeUndefined();
});
