import { describe, expect, test } from 'vitest';
import { completeBySchema, findSchemaProblems, type StructuralSchema } from './structural-schema.ts';

const schema: StructuralSchema = {
  type: 'object',
  required: ['name'],
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 5 },
    form: { type: 'string', pattern: '^[a-z]+$' },
    size: { 'x-kubernetes-int-or-string': true, pattern: '^[0-9]+(Gi)?$' },
    count: { type: 'integer', minimum: 0, maximum: 9 },
    level: { type: 'string', enum: ['low', 'high'] },
    isOn: { type: 'boolean' },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    ports: {
      type: 'array',
      maxItems: 3,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['port', 'protocol'],
      items: {
        type: 'object',
        properties: { port: { type: 'integer' }, protocol: { type: 'string', default: 'TCP' } },
      },
    },
  },
};

describe('an object as the API server would keep it', () => {
  test.each<[string, object, object]>([
    ['nothing to do', { name: 'a' }, { name: 'a' }],
    ['a member that is null', { name: 'a', form: null, labels: { a: null } }, { name: 'a', labels: {} }],
    ['a default inside a list', { ports: [{ port: 1 }] }, { ports: [{ port: 1, protocol: 'TCP' }] }],
    ['a default in place of null', { ports: [{ protocol: null }] }, { ports: [{ protocol: 'TCP' }] }],
    ['a value beside a default', { ports: [{ protocol: 'UDP' }] }, { ports: [{ protocol: 'UDP' }] }],
    ['null where anything goes', { open: { deep: null } }, { open: { deep: null } }],
    ['null where nothing is known', { nmae: null }, { nmae: null }],
    ['null in a list', { ports: [null] }, { ports: [null] }],
    ['another type', { ports: 'all' }, { ports: 'all' }],
  ])('%s', (_what, given, kept) => {
    expect(completeBySchema(schema, given)).toEqual(kept);
  });
});

describe('problems', () => {
  test.each<[string, unknown, string[]]>([
    ['none', { name: 'a', form: 'a', size: '1Gi', count: 9, level: 'low', isOn: true, labels: { a: 'b' } }, []],
    ['none in what is open', { name: 'a', open: { any: [1, null] } }, []],
    ['a number or a string', { name: 'a', size: 5 }, []],
    ['a missing member', {}, ['spec.name: must be set']],
    ['an unknown field', { name: 'a', cuont: 1 }, ['spec.cuont: unknown field; did you mean count?']],
    ['an unknown field like none', { name: 'a', xyzzyx: 1 }, ['spec.xyzzyx: unknown field']],
    ['a name that every object has', { name: 'a', constructor: 1 }, ['spec.constructor: unknown field']],
    ['no object', 5, ['spec: must be an object, not 5']],
    ['a list for an object', { name: 'a', labels: [] }, ['spec.labels: must be an object, not a list']],
    ['an object for a list', { name: 'a', ports: {} }, ['spec.ports: must be a list, not an object']],
    ['null in a list', { name: 'a', ports: [null] }, ['spec.ports[0]: must be an object, not null']],
    ['a number for a string', { name: 1 }, ['spec.name: must be a string, not 1']],
    ['a string for a number', { name: 'a', count: '1' }, ['spec.count: must be a whole number, not "1"']],
    ['a fraction', { name: 'a', count: 1.5 }, ['spec.count: must be a whole number, not 1.5']],
    [
      'more than 64 bits hold',
      { name: 'a', count: 1e19 },
      ['spec.count: must be a whole number, not 10000000000000000000'],
    ],
    ['a string for a boolean', { name: 'a', isOn: 'yes' }, ['spec.isOn: must be true or false, not "yes"']],
    [
      'a boolean for a quantity',
      { name: 'a', size: true },
      ['spec.size: must be a whole number or a string, not true'],
    ],
    ['a value of a map', { name: 'a', labels: { a: 1 } }, ['spec.labels[a]: must be a string, not 1']],
    ['an empty string', { name: '' }, ['spec.name: must not be empty']],
    ['a long string', { name: 'abcdef' }, ['spec.name: must have at most 5 characters, not 6']],
    ['another form', { name: 'a', form: 'A' }, ['spec.form: must be of the form ^[a-z]+$, not "A"']],
    ['another quantity', { name: 'a', size: 'big' }, ['spec.size: must be a quantity such as 100Gi, not "big"']],
    ['too small', { name: 'a', count: -1 }, ['spec.count: must be at least 0, not -1']],
    ['too large', { name: 'a', count: 10 }, ['spec.count: must be at most 9, not 10']],
    ['another value', { name: 'a', level: 'mid' }, ['spec.level: must be "low" or "high", not "mid"']],
    [
      'the same key twice',
      {
        name: 'a',
        ports: [
          { port: 1, protocol: 'TCP' },
          { port: 1, protocol: 'UDP' },
          { port: 1, protocol: 'TCP' },
        ],
      },
      ['spec.ports[2]: port 1, protocol "TCP" is there already; each entry needs its own'],
    ],
    [
      'too many entries',
      { name: 'a', ports: [1, 2, 3, 4].map((port) => ({ port, protocol: 'TCP' })) },
      ['spec.ports: must have at most 3 entries, not 4'],
    ],
    [
      'several at once',
      { count: -1, x: 1 },
      ['spec.name: must be set', 'spec.count: must be at least 0, not -1', 'spec.x: unknown field'],
    ],
  ])('%s', (_what, value, problems) => {
    expect(findSchemaProblems(schema, value, 'spec')).toEqual(problems);
  });
});
