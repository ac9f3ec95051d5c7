/** Keccak-256 as Ethereum has it: SHA-3's permutation with the padding from before the standard, which Node's crypto does not know. */

const RATE = 136;
const ROUNDS = 24;
const MASK = (1n << 64n) - 1n;
const ROUND_CONSTANTS = roundConstants();

export function keccak256(message: Uint8Array): Uint8Array {
  const padded = new Uint8Array((Math.floor(message.length / RATE) + 1) * RATE);
  padded.set(message);
  padded[message.length] = (padded[message.length] ?? 0) ^ 0x01;
  padded[padded.length - 1] = (padded[padded.length - 1] ?? 0) ^ 0x80;
  const view = new DataView(padded.buffer);
  let state: bigint[] = Array.from({ length: 25 }, () => 0n);
  for (let block = 0; block < padded.length; block += RATE) {
    for (let lane = 0; lane < RATE / 8; lane++)
      state[lane] = (state[lane] as bigint) ^ view.getBigUint64(block + lane * 8, true);
    state = permute(state);
  }
  const digest = new DataView(new ArrayBuffer(32));
  for (let lane = 0; lane < 4; lane++) digest.setBigUint64(lane * 8, state[lane] as bigint, true);
  return new Uint8Array(digest.buffer);
}

/** Keccak-f[1600]: 25 lanes of 64 bits, lane x + 5y. */
function permute(input: readonly bigint[]): bigint[] {
  let lanes = [...input];
  const at = (x: number, y: number) => lanes[(x % 5) + 5 * (y % 5)] as bigint;
  for (const constant of ROUND_CONSTANTS) {
    const parity = [0, 1, 2, 3, 4].map((x) => at(x, 0) ^ at(x, 1) ^ at(x, 2) ^ at(x, 3) ^ at(x, 4));
    const effect = parity.map((_, x) => (parity[(x + 4) % 5] as bigint) ^ rotate(parity[(x + 1) % 5] as bigint, 1));
    lanes = lanes.map((lane, index) => lane ^ (effect[index % 5] as bigint));
    lanes = turnAndMove(lanes);
    lanes = lanes.map((lane, index) => {
      const [x, y] = [index % 5, Math.floor(index / 5)];
      return lane ^ (~at(x + 1, y) & MASK & at(x + 2, y));
    });
    lanes[0] = (lanes[0] as bigint) ^ constant;
  }
  return lanes;
}

/** Every lane but the first is rotated by a triangular number and moved to another place. */
function turnAndMove(lanes: readonly bigint[]): bigint[] {
  const moved = [...lanes];
  let [x, y] = [1, 0];
  for (let step = 0; step < 24; step++) {
    const lane = lanes[x + 5 * y] as bigint;
    [x, y] = [y, (2 * x + 3 * y) % 5];
    moved[x + 5 * y] = rotate(lane, (((step + 1) * (step + 2)) / 2) % 64);
  }
  return moved;
}

function rotate(lane: bigint, by: number): bigint {
  return by === 0 ? lane : ((lane << BigInt(by)) | (lane >> BigInt(64 - by))) & MASK;
}

/** From the linear feedback shift register x^8 + x^6 + x^5 + x^4 + 1; its bits stand at positions 2^j - 1. */
function roundConstants(): bigint[] {
  let register = 1;
  const nextBit = () => {
    const bit = register & 1;
    register <<= 1;
    if (register & 0x100) register ^= 0x171;
    return bit;
  };
  return Array.from({ length: ROUNDS }, () => {
    let constant = 0n;
    for (let power = 0; power <= 6; power++) if (nextBit()) constant |= 1n << BigInt(2 ** power - 1);
    return constant;
  });
}
