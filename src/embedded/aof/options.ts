/** How what is stored is kept in a file. */
export interface AofOptions {
  /** Path of the file. It is made if there is none. One engine at a time may use it. */
  readonly file: string;
  /**
   * When the disk has what was written: before each reply; within a second; or whenever the system sees fit. A process that is
   * killed loses nothing that was answered, with any of them: this is about the machine losing power. @default "everysec"
   */
  readonly fsync?: "always" | "everysec" | "no";
  /**
   * Starts with a damaged file as well: from the damage on it is cut off, and commands that are refused are passed over. What is
   * lost is told by a warning. @default false
   */
  readonly repair?: boolean;
  /** Hears what is wrong with the file and was put up with, or will be. @default a warning of the process */
  readonly onWarning?: (text: string) => void;
  /**
   * Bytes below which the file is not written anew, however much of it is history. While it is written nothing else runs: a second
   * or two for a million keys. @default 1 MiB
   */
  readonly rewriteBytesMin?: number;
}

/** What an engine found in its file. */
export interface Recovery {
  /** Commands that were run again. */
  readonly commands: number;
  /** Bytes of the file that hold them. */
  readonly bytes: number;
  /** Bytes after them that were cut off: what was being written when the process was killed. */
  readonly cutBytes: number;
  /** Commands that were passed over because they were refused; only with `repair`. */
  readonly refused: number;
}
