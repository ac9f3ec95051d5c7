import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyPairFromSeed } from './ed25519.ts';
import { sortMembers } from './exact-json.ts';
import { buildGenesis, type GenesisSpec, genesisHash, parseGenesis, renderGenesis } from './genesis.ts';

const keys = [1, 2, 3, 4].map((byte) => keyPairFromSeed(new Uint8Array(32).fill(byte)).publicKey);
const spec: GenesisSpec = {
  chainId: 'demo',
  genesisTime: '2026-01-31T12:00:00Z',
  validators: keys.map((publicKey, index) => ({ name: `validator-${index}`, publicKey, power: 10n })),
};
const first = spec.validators.slice(0, 1);

describe('buildGenesis', () => {
  it('gives what CometBFT would write', () => {
    expect(JSON.parse(renderGenesis(buildGenesis({ ...spec, validators: first })))).toEqual({
      genesis_time: '2026-01-31T12:00:00Z',
      chain_id: 'demo',
      initial_height: '1',
      consensus_params: {
        block: { max_bytes: '22020096', max_gas: '-1' },
        evidence: { max_age_num_blocks: '100000', max_age_duration: '172800000000000', max_bytes: '1048576' },
        validator: { pub_key_types: ['ed25519'] },
        version: { app: '0' },
        abci: { vote_extensions_enable_height: '0' },
      },
      validators: [
        {
          address: '34750F98BD59FCFC946DA45AAABE933BE154A4B5',
          pub_key: { type: 'tendermint/PubKeyEd25519', value: 'iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=' },
          power: '10',
          name: 'validator-0',
        },
      ],
      app_hash: '',
    });
  });

  it('writes user values in whatever form they come as decimal strings', () => {
    const consensusParams = {
      block: { max_bytes: 1048576, max_gas: '9007199254740993' },
      version: { app: 2n },
      feature: { pbts_enable_height: 1 },
    };
    const genesis = buildGenesis({ ...spec, consensusParams, initialHeight: 2n ** 60n });
    expect(genesis.initial_height).toBe('1152921504606846976');
    expect(genesis.consensus_params).toMatchObject({
      block: { max_bytes: '1048576', max_gas: '9007199254740993' },
      evidence: { max_bytes: '1048576' },
      version: { app: '2' },
      feature: { pbts_enable_height: '1' },
    });
  });

  it.each([
    ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00Z'],
    ['2026-01-31T12:00:00.123456789Z', '2026-01-31T12:00:00.123456789Z'],
    ['2026-01-31T12:00:00+01:00', '2026-01-31T11:00:00Z'],
    ['2026-01-01T00:30:00.5+01:00', '2025-12-31T23:30:00.5Z'],
  ])('writes the time %s in UTC as %s', (genesisTime, written) => {
    expect(buildGenesis({ ...spec, genesisTime }).genesis_time).toBe(written);
  });

  it.each<[string, Partial<GenesisSpec>, string]>([
    ['an empty chain id', { chainId: '' }, 'chain_id: found 0 bytes, need 1 to 50'],
    ['a long chain id', { chainId: 'x'.repeat(51) }, 'chain_id: found 51 bytes'],
    ['a day for a time', { genesisTime: '2026-01-31' }, 'genesis_time: found "2026-01-31", need RFC 3339'],
    ['an impossible time', { genesisTime: '2026-13-31T12:00:00Z' }, 'genesis_time: found'],
    ['a negative height', { initialHeight: -1n }, 'initial_height: found -1'],
    ['a height over 64 bits', { initialHeight: 2n ** 63n }, 'initial_height: found 9223372036854775808'],
    ['an app hash of odd length', { appHash: 'abc' }, 'app_hash: found "abc", need pairs of hex digits'],
    ['power 0', { validators: first.map((v) => ({ ...v, power: 0n })) }, 'validators: validator-0 has power 0'],
    ['negative power', { validators: first.map((v) => ({ ...v, power: -5n })) }, 'validator-0 has power -5'],
    [
      'too much power',
      { validators: spec.validators.map((v) => ({ ...v, power: 2n ** 59n })) },
      'add up to 2305843009213693952, need at most 1152921504606846975',
    ],
    [
      'one key twice',
      { validators: [...first, ...first.map((v) => ({ ...v, name: 'twin' }))] },
      'validators: validator-0 and twin have the same key',
    ],
    [
      'a number that was rounded',
      { appState: { a: [{ b: 2 ** 53 }] } },
      'genesis.app_state.a[0].b: found the number 9007199254740992',
    ],
  ])('refuses %s', (_, change, message) => {
    expect(() => renderGenesis(buildGenesis({ ...spec, ...change }))).toThrow(message);
  });

  it.each([
    [{ blocks: {} }, 'consensus_params.blocks: CometBFT has no such consensus parameter; did you mean block?'],
    [
      { block: { maxbytes: 1 } },
      'consensus_params.block.maxbytes: CometBFT has no such consensus parameter; did you mean max_bytes?',
    ],
    [
      { constructor: {} },
      'consensus_params.constructor: CometBFT has no such consensus parameter; it knows block, evidence',
    ],
    [{ block: 3 }, 'consensus_params.block: found a number, need an object'],
    [{ block: { max_bytes: 0 } }, 'consensus_params.block.max_bytes: found 0, need -1 (no limit) or 1 to 104857600'],
    [{ block: { max_bytes: 104857601 } }, 'consensus_params.block.max_bytes: found 104857601'],
    [{ block: { max_bytes: '12MB' } }, 'consensus_params.block.max_bytes: found "12MB", need an integer'],
    [{ block: { max_bytes: 1.5 } }, 'consensus_params.block.max_bytes: found "1.5", need an integer'],
    [{ block: { max_gas: 2 ** 53 } }, 'consensus_params.block.max_gas: found a number over 2^53'],
    [{ block: { max_gas: -2 } }, 'consensus_params.block.max_gas: found -2'],
    [{ block: { max_gas: '9223372036854775808' } }, 'need a number of type int64'],
    [{ evidence: { max_age_num_blocks: 0 } }, 'consensus_params.evidence.max_age_num_blocks: found 0, need 1 or more'],
    [{ evidence: { max_age_duration: 0 } }, 'consensus_params.evidence.max_age_duration: found 0'],
    [
      { block: { max_bytes: 1000 } },
      'consensus_params.evidence.max_bytes: found 1048576, need 0 to 1000, the most a block may hold',
    ],
    [{ validator: { pub_key_types: [] } }, 'consensus_params.validator.pub_key_types: found an empty list'],
    [{ validator: { pub_key_types: ['rsa'] } }, 'consensus_params.validator.pub_key_types[0]: found "rsa"'],
    [{ abci: { vote_extensions_enable_height: -1 } }, 'consensus_params.abci.vote_extensions_enable_height: found -1'],
  ])('refuses consensus parameters %j', (consensusParams, message) => {
    expect(() => buildGenesis({ ...spec, consensusParams })).toThrow(message);
  });
});

describe('renderGenesis', () => {
  it('gives the same bytes whatever the order of the app state', () => {
    const one = renderGenesis(buildGenesis({ ...spec, appState: { a: 1, b: { c: [1, { e: 1, d: 2 }] } } }));
    const two = renderGenesis(buildGenesis({ ...spec, appState: { b: { c: [1, { d: 2, e: 1 }] }, a: 1 } }));
    expect(one).toBe(two);
    expect(genesisHash(one)).toMatch(/^[0-9a-f]{64}$/);
  });

  it('writes any JSON app state so that it reads back the same, laid out as JSON.stringify would', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const appState = JSON.parse(JSON.stringify(value));
        fc.pre(!JSON.stringify(value).match(/\d{16}|e\+/));
        const genesis = buildGenesis({ ...spec, appState });
        expect(renderGenesis(genesis)).toBe(
          `${JSON.stringify({ ...genesis, app_state: sortMembers(appState) }, null, 2)}\n`,
        );
      }),
    );
  });

  it('keeps big integers of the app state exact', () => {
    expect(renderGenesis(buildGenesis({ ...spec, appState: { supply: 2n ** 70n } }))).toContain(
      '"supply": 1180591620717411303424\n',
    );
  });
});

describe('parseGenesis', () => {
  it('reads back what was built, with powers and heights over 2^53', () => {
    const power = fc.bigInt({ min: 1n, max: 2n ** 57n });
    fc.assert(
      fc.property(
        fc.array(power, { maxLength: 4 }),
        fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }),
        (powers, initialHeight) => {
          const validators = powers.map((value, index) => ({
            name: `v${index}`,
            publicKey: keys[index] as Uint8Array,
            power: value,
          }));
          const parsed = parseGenesis(renderGenesis(buildGenesis({ ...spec, validators, initialHeight })));
          expect(parsed).toMatchObject({ chainId: 'demo', genesisTime: spec.genesisTime, initialHeight });
          expect(parsed.validators.map((validator) => validator.power)).toEqual(powers);
        },
      ),
    );
  });

  it('reads the form of Cosmos SDK 0.50', () => {
    const genesis = {
      app_name: 'simd',
      genesis_time: '2026-01-31T12:00:00.5Z',
      chain_id: 'sim-1',
      initial_height: 7,
      app_hash: null,
      app_state: {},
      consensus: {
        validators: [
          {
            address: '',
            pub_key: { type: 'tendermint/PubKeyEd25519', value: 'AA==' },
            power: '9007199254740993',
            name: '',
          },
        ],
        params: { block: { max_bytes: '1' } },
      },
    };
    expect(parseGenesis(JSON.stringify(genesis))).toEqual({
      chainId: 'sim-1',
      genesisTime: '2026-01-31T12:00:00.5Z',
      initialHeight: 7n,
      validators: [
        { name: '', publicKeyType: 'tendermint/PubKeyEd25519', publicKeyBase64: 'AA==', power: 9007199254740993n },
      ],
    });
    expect(parseGenesis(JSON.stringify({ ...genesis, consensus: { params: {} } })).validators).toEqual([]);
  });

  it.each([
    ['', 'genesis.json: found text that is not JSON'],
    ['{}', 'genesis.json.chain_id: found nothing, need a string'],
    ['{"chain_id":"a","genesis_time":"now"}', 'genesis.json.genesis_time: found "now"'],
    [
      '{"chain_id":"a","genesis_time":"2026-01-31T12:00:00Z","initial_height":"one"}',
      'genesis.json.initial_height: found "one"',
    ],
    [
      '{"chain_id":"a","genesis_time":"2026-01-31T12:00:00Z","validators":[{}]}',
      'genesis.json.validators[0].pub_key: found nothing',
    ],
    [
      '{"chain_id":"a","genesis_time":"2026-01-31T12:00:00Z","validators":{}}',
      'genesis.json.validators: found an object, need an array',
    ],
  ])('refuses %s', (text, message) => {
    expect(() => parseGenesis(text)).toThrow(message);
  });
});
