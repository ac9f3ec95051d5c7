import { describe, expect, test } from 'vitest';
import { checkEthereumAddress } from './ethereum-address.ts';

const CHECKED = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';

describe('addresses', () => {
  test.each([
    CHECKED,
    CHECKED.toLowerCase(),
    `0x${CHECKED.slice(2).toUpperCase()}`,
    '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359',
    '0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB',
    '0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb',
  ])('%s', (address) => {
    expect(() => checkEthereumAddress(address, 'spec.safeAddress')).not.toThrow();
  });
});

describe('what is none', () => {
  test.each([
    ['0xa1', /^spec\.safeAddress: "0xa1" is no address: it must be 0x and 40 hexadecimal digits, not 2$/],
    ['', /"" is no address: it must be 0x and 40 hexadecimal digits$/],
    [CHECKED.slice(2), /must be 0x and 40 hexadecimal digits$/],
    [`${CHECKED}0`, /40 hexadecimal digits, not 41$/],
    [CHECKED.replace('5', 'g'), /40 hexadecimal digits$/],
    [CHECKED.replace('5aA', '5AA'), /has a wrong checksum/],
    [CHECKED.replace('1B', '2B'), /has a wrong checksum/],
  ])('%j', (text, message) => {
    expect(() => checkEthereumAddress(text, 'spec.safeAddress')).toThrow(message);
  });
});
