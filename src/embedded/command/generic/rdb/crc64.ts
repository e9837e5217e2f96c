// CRC-64 by Jones: the polynomial 0xad93d23594c935a9, reflected, in two halves because numbers hold 53 bits.
const polynomialHigh = 0x95ac9329;
const polynomialLow = 0xac4bc9b5;

const high = new Uint32Array(256);
const low = new Uint32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let upper = 0;
  let lower = byte;
  for (let bit = 0; bit < 8; bit++) {
    const odd = (lower & 1) === 1;
    lower = (lower >>> 1) | (upper << 31);
    upper >>>= 1;
    if (odd) {
      upper ^= polynomialHigh;
      lower ^= polynomialLow;
    }
  }
  high[byte] = upper;
  low[byte] = lower;
}

/** The checksum of the first `length` bytes, as eight bytes, the lowest first. */
export function crc64(bytes: string, length: number): string {
  let upper = 0;
  let lower = 0;
  for (let at = 0; at < length; at++) {
    const index = (lower ^ bytes.charCodeAt(at)) & 255;
    lower = ((lower >>> 8) | (upper << 24)) ^ (low[index] as number);
    upper = (upper >>> 8) ^ (high[index] as number);
  }
  const buffer = Buffer.alloc(8);
  buffer.writeUInt32LE(lower >>> 0, 0);
  buffer.writeUInt32LE(upper >>> 0, 4);
  return buffer.toString("latin1");
}
