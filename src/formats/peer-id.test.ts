import { describe, expect, test } from 'vitest';
import { checkPeerId } from './peer-id.ts';

describe('peer ids', () => {
  test.each([
    '12D3KooWLDer461CFi1fB5pwQKGT72PAvGFMAxH9ALNwNjG7A5ep',
    '12D3KooWMVCnEQXgYVipeqdYXfDNAojoY4fMNEqBAKfggau9qLfc',
    '16Uiu2HAmPLe7Mzm8TsYUubgCAW1aJoeFScxrLj8ppHFivPo97bUZ',
    'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N',
  ])('%s', (id) => {
    expect(() => checkPeerId(id, 'spec.peerId')).not.toThrow();
  });
});

describe('what is none', () => {
  test.each([
    ['', /^spec\.peerId: "" is no peer id: it is empty/],
    ['12D3KooW1', /peer ids begin with|should hold/],
    ['12D3KooWLDer461CFi1fB5pwQKGT72PAvGFMAxH9ALNwNjG7A5e', /is no peer id/],
    ['12D3KooWLDer461CFi1fB5pwQKGT72PAvGFMAxH9ALNwNjG7A5ep1', /is no peer id/],
    ['12D3KooW0Der461CFi1fB5pwQKGT72PAvGFMAxH9ALNwNjG7A5ep', /character 9 is none of base58/],
    ['0xa34e407d9ddbe25207f250c4193b42fef68ba903', /character 1 is none of base58/],
    ['z'.repeat(500), /it has 500 characters/],
    ['11111111', /is no peer id/],
  ])('%j', (text, message) => {
    expect(() => checkPeerId(text, 'spec.peerId')).toThrow(message);
  });
});
