// SHAKE128 and SHAKE256 (FIPS 202). A lane of 64 bits is kept as two halves of 32 bits.

const ROUNDS = 24;
const ROTATION = new Uint8Array(25);
const TARGET = new Uint8Array(25);
const CONSTANT_LOW = new Uint32Array(ROUNDS);
const CONSTANT_HIGH = new Uint32Array(ROUNDS);

// Rotations and targets of the steps rho and pi, and the round constants of iota by their shift register.
for (let x = 1, y = 0, t = 0; t < 24; t++) {
  ROTATION[x + 5 * y] = (((t + 1) * (t + 2)) / 2) % 64;
  [x, y] = [y, (2 * x + 3 * y) % 5];
}
for (let x = 0; x < 5; x++) for (let y = 0; y < 5; y++) TARGET[x + 5 * y] = y + 5 * ((2 * x + 3 * y) % 5);
for (let round = 0, register = 1; round < ROUNDS; round++) {
  for (let j = 0; j < 7; j++) {
    const place = (1 << j) - 1;
    if (register & 1) {
      if (place < 32) CONSTANT_LOW[round] |= 1 << place;
      else CONSTANT_HIGH[round] |= 1 << (place - 32);
    }
    register = register & 0x80 ? ((register << 1) ^ 0x171) & 0xff : register << 1;
  }
}

const columnLow = new Uint32Array(5);
const columnHigh = new Uint32Array(5);
const movedLow = new Uint32Array(25);
const movedHigh = new Uint32Array(25);

function theta(low, high) {
  for (let x = 0; x < 5; x++) {
    columnLow[x] = low[x] ^ low[x + 5] ^ low[x + 10] ^ low[x + 15] ^ low[x + 20];
    columnHigh[x] = high[x] ^ high[x + 5] ^ high[x + 10] ^ high[x + 15] ^ high[x + 20];
  }
  for (let x = 0; x < 5; x++) {
    const [before, after] = [(x + 4) % 5, (x + 1) % 5];
    const dLow = columnLow[before] ^ ((columnLow[after] << 1) | (columnHigh[after] >>> 31));
    const dHigh = columnHigh[before] ^ ((columnHigh[after] << 1) | (columnLow[after] >>> 31));
    for (let lane = x; lane < 25; lane += 5) {
      low[lane] ^= dLow;
      high[lane] ^= dHigh;
    }
  }
}

function rotateAndMove(low, high) {
  for (let lane = 0; lane < 25; lane++) {
    const shift = ROTATION[lane];
    const [a, b] = shift < 32 ? [low[lane], high[lane]] : [high[lane], low[lane]];
    const bits = shift % 32;
    movedLow[TARGET[lane]] = bits === 0 ? a : (a << bits) | (b >>> (32 - bits));
    movedHigh[TARGET[lane]] = bits === 0 ? b : (b << bits) | (a >>> (32 - bits));
  }
}

function permute(low, high) {
  for (let round = 0; round < ROUNDS; round++) {
    theta(low, high);
    rotateAndMove(low, high);
    for (let row = 0; row < 25; row += 5) {
      for (let x = 0; x < 5; x++) {
        const [next, second] = [row + ((x + 1) % 5), row + ((x + 2) % 5)];
        low[row + x] = movedLow[row + x] ^ (~movedLow[next] & movedLow[second]);
        high[row + x] = movedHigh[row + x] ^ (~movedHigh[next] & movedHigh[second]);
      }
    }
    low[0] ^= CONSTANT_LOW[round];
    high[0] ^= CONSTANT_HIGH[round];
  }
}

/** A sponge that has absorbed its message and gives bytes for ever. */
class Shake {
  constructor(rate, message) {
    this.rate = rate;
    this.low = new Uint32Array(25);
    this.high = new Uint32Array(25);
    this.used = 0;
    const padded = new Uint8Array(Math.floor(message.length / rate + 1) * rate);
    padded.set(message);
    padded[message.length] = 0x1f;
    padded[padded.length - 1] |= 0x80;
    for (let from = 0; from < padded.length; from += rate) {
      for (let i = 0; i < rate; i++) {
        const half = i & 4 ? this.high : this.low;
        half[i >> 3] ^= padded[from + i] << (8 * (i & 3));
      }
      permute(this.low, this.high);
    }
  }

  byte() {
    if (this.used === this.rate) {
      permute(this.low, this.high);
      this.used = 0;
    }
    const i = this.used++;
    return ((i & 4 ? this.high : this.low)[i >> 3] >>> (8 * (i & 3))) & 255;
  }

  bytes(count) {
    return Uint8Array.from({ length: count }, () => this.byte());
  }
}

export function shake128(message) {
  return new Shake(168, message);
}

export function shake256(message) {
  return new Shake(136, message);
}
