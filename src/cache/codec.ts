import { Buffer } from "node:buffer";
import { promisify } from "node:util";
import { isUint8Array } from "node:util/types";
import { brotliCompress, brotliDecompress, constants, gunzip, gzip } from "node:zlib";
import {
  accept,
  type Field,
  InvalidInputError,
  integer,
  messageOf,
  oneOf,
  readOptions,
  show,
  withDefault,
} from "../core/index.ts";

/**
 * How values become bytes and back. `undefined` and `null` are never given to it: they are stored as what they are.
 * Either way may answer a promise.
 */
export interface Codec {
  encode(value: unknown): Uint8Array | string | Promise<Uint8Array | string>;
  decode(stored: Uint8Array): unknown;
}

/** JSON in UTF-8: the default. */
export const json: Codec = {
  encode: (value) => {
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined) throw new TypeError(`JSON cannot hold ${show(value)}`);
    return text;
  },
  decode: (stored) => JSON.parse(bufferOf(stored).toString("utf8")),
};

/** Bytes as they are. Text is taken as UTF-8. */
export const bytes: Codec = {
  encode: (value) => {
    if (typeof value === "string" || value instanceof Uint8Array) return value;
    throw new TypeError("the bytes codec takes a Uint8Array or text");
  },
  decode: (stored) => stored,
};

/** How {@link compressed} compresses. */
export interface CompressionOptions {
  /** What is smaller stays as it is. In bytes. @default 1_024 */
  readonly threshold?: number;
  /** @default "gzip" */
  readonly algorithm?: "gzip" | "brotli";
}

const plain = 0;
const gzipped = 1;
const brotlied = 2;
const pack = {
  gzip: { mark: gzipped, run: promisify(gzip) },
  // 4 of 11: at the highest level, meant for files that are compressed once, a value takes fifty times as long.
  brotli: {
    mark: brotlied,
    run: (data: Uint8Array): Promise<Buffer> =>
      promisify(brotliCompress)(data, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  },
} as const;

/**
 * Compresses what another codec makes, off the main thread. What was stored by either algorithm, or below the threshold, can
 * be read by all.
 *
 * @throws {InvalidInputError} an option is unknown or cannot be used
 * @example
 * const cache = new HybridCache(redis, { codec: compressed(json, { threshold: 4_096 }) });
 */
export function compressed(codec: Codec = json, options: CompressionOptions = {}): Codec {
  if (!isCodec(codec)) {
    const message = `compressed takes the codec whose bytes it compresses, { encode, decode }, not ${show(codec)}.`;
    throw new InvalidInputError("INPUT_INVALID", "codec", message);
  }
  const { threshold, algorithm } = readOptions("compressed", options, {
    threshold: withDefault(integer({ min: 0 }), 1_024),
    algorithm: withDefault(oneOf("gzip", "brotli"), "gzip"),
  });
  const { mark, run } = pack[algorithm];
  return {
    encode: async (value) => {
      const made = bytesOrText(await codec.encode(value));
      const data = typeof made === "string" ? Buffer.from(made) : made;
      if (data.byteLength < threshold) return Buffer.concat([Buffer.of(plain), data]);
      return Buffer.concat([Buffer.of(mark), await run(data)]);
    },
    decode: (stored) => {
      const data = stored.subarray(1);
      if (stored[0] === plain) return codec.decode(data);
      const unpack = stored[0] === gzipped ? promisify(gunzip) : promisify(brotliDecompress);
      return unpack(data).then((unpacked) => codec.decode(unpacked));
    },
  };
}

/** Refuses what would be stored as something else whatever the codec is: a promise that nobody awaited. */
export function checkValue(value: unknown): void {
  if (typeof (value as Partial<Promise<unknown>> | null | undefined)?.then !== "function") return;
  throw new InvalidInputError("INPUT_INVALID", "value", "A cache stores values, not promises: await this one first.");
}

/**
 * What a codec makes of a value; at once, if the codec does.
 *
 * @throws {InvalidInputError} `INPUT_INVALID` if it can make nothing of it, or neither bytes nor text
 */
export function encoded(codec: Codec, value: unknown): Uint8Array | string | Promise<Uint8Array | string> {
  try {
    const made: unknown = codec.encode(value);
    if (typeof (made as Partial<Promise<unknown>> | null | undefined)?.then !== "function") return bytesOrText(made);
    return Promise.resolve(made)
      .then(bytesOrText)
      .catch((error: unknown) => {
        throw unfit(error);
      });
  } catch (error) {
    throw unfit(error);
  }
}

function unfit(error: unknown): InvalidInputError {
  const reason = error instanceof Error ? error.message : messageOf(error);
  return new InvalidInputError("INPUT_INVALID", "value", `value cannot be encoded: ${reason}.`);
}

/** What a codec made. What is neither bytes nor text would be stored as something else. */
function bytesOrText(made: unknown): Uint8Array | string {
  if (typeof made === "string" || isUint8Array(made)) return made;
  throw new TypeError(`encode of a codec must answer a Uint8Array or text, not ${show(made)}`);
}

function isCodec(value: unknown): value is Codec {
  const { encode, decode } = (value ?? {}) as Partial<Codec>;
  return typeof encode === "function" && typeof decode === "function";
}

/** A codec, as an option. */
export const codecField: Field<Codec> & { readonly fallback: unknown } = withDefault(
  accept<Codec>("a codec { encode, decode }", isCodec),
  json,
);

/** The same bytes as a Buffer, not copied. */
export function bufferOf(data: Uint8Array): Buffer {
  return Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
