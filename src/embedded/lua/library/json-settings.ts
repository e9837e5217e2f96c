/** What the functions of `cjson` set. */
export interface JsonSettings {
  /** Encode sparse arrays as objects rather than refuse them. */
  convertSparse: boolean;
  /** How many times as long as it has elements a list may be; 0 for any. */
  sparseRatio: number;
  /** Up to this length the ratio does not matter. */
  sparseSafe: number;
  encodeDepth: number;
  decodeDepth: number;
  /** Digits of encoded numbers. */
  precision: number;
  /** Has no effect here. */
  keepBuffer: boolean;
  /** Encode NaN and infinities rather than refuse them, or encode them as null. */
  encodeInvalid: boolean | "null";
  /** Decode hexadecimal, infinite and similar numbers. */
  decodeInvalid: boolean;
}
