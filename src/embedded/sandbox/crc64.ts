/** Jones' polynomial, its bits in reverse, in halves of 32: what Redis ends its dumps with. */
const polynomial = [0x95ac9329, 0xac4bc9b5] as const;

let table: { readonly high: Uint32Array; readonly low: Uint32Array } | undefined;

/** The CRC-64 of bytes as Redis computes it, as eight bytes, the lowest first. */
export function crc64(bytes: string): string {
  table ??= makeTable();
  let high = 0;
  let low = 0;
  for (let at = 0; at < bytes.length; at++) {
    const index = (low ^ bytes.charCodeAt(at)) & 0xff;
    low = (((low >>> 8) | (high << 24)) ^ (table.low[index] as number)) >>> 0;
    high = ((high >>> 8) ^ (table.high[index] as number)) >>> 0;
  }
  return littleEndian(low) + littleEndian(high);
}

function makeTable(): { readonly high: Uint32Array; readonly low: Uint32Array } {
  const highs = new Uint32Array(256);
  const lows = new Uint32Array(256);
  for (let index = 0; index < 256; index++) {
    let high = 0;
    let low = index;
    for (let bit = 0; bit < 8; bit++) {
      const odd = (low & 1) === 1;
      low = ((low >>> 1) | (high << 31)) >>> 0;
      high >>>= 1;
      if (!odd) continue;
      high = (high ^ polynomial[0]) >>> 0;
      low = (low ^ polynomial[1]) >>> 0;
    }
    highs[index] = high;
    lows[index] = low;
  }
  return { high: highs, low: lows };
}

function littleEndian(word: number): string {
  return String.fromCharCode(word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, word >>> 24);
}
