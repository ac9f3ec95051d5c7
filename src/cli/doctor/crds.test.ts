import { expect, test } from 'vitest';
import { KINDS } from '../../kinds/index.ts';
import type { Kind } from '../../kinds/kind.ts';
import type { CustomResourceDefinition } from '../../kube/objects.ts';
import { compare } from './crds.ts';

type Live = {
  metadata: { deletionTimestamp?: string };
  spec: { versions: { name: string; served: boolean }[] };
  status: { storedVersions: string[]; conditions: object[] };
};

const kind = KINDS[0] as Kind;
const wanted = kind.crd();

/** As the API server has it, and then changed. */
function tell(change: (live: Live) => void) {
  const live = structuredClone(wanted) as unknown as Live;
  live.status = {
    storedVersions: [kind.type.version],
    conditions: [
      { type: 'NamesAccepted', status: 'True' },
      { type: 'Established', status: 'True' },
    ],
  };
  change(live);
  return compare(kind, wanted, live as unknown as CustomResourceDefinition).map(
    ({ level, message }) => `${level}: ${message}`,
  );
}

test.each<[string, (live: Live) => void, RegExp | undefined]>([
  ['as it is', () => {}, undefined],
  ['not established', (live) => live.status.conditions.pop(), /^error: it is not established/],
  [
    'names that are taken',
    (live) => live.status.conditions.unshift({ type: 'NamesAccepted', status: 'False', message: 'tmn is taken' }),
    /^error: its names are not accepted: tmn is taken/,
  ],
  [
    'about to go',
    (live) => {
      live.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
    },
    /^error: it is being deleted/,
  ],
  ['a newer version', (live) => live.status.storedVersions.push('v9'), /^error: resources are stored in version v9/],
  [
    'not served',
    (live) => {
      for (const version of live.spec.versions) version.served = false;
    },
    /^error: it does not serve version/,
  ],
])('%s', (_, change, expected) => {
  const told = tell(change);
  expect(told).toHaveLength(expected === undefined ? 0 : 1);
  if (expected !== undefined) expect(told[0]).toMatch(expected);
});
