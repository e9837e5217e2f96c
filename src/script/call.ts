import type { Arg, RedisPort, Reply } from "../client/index.ts";
import { type Decode, decoderOf, holdsBytes, ReplyMisfit } from "./decode.ts";
import type { Script } from "./define.ts";
import { type EncodeArgs, encoderOf } from "./encode.ts";
import { ScriptError } from "./errors.ts";
import { type EncodeKeys, keyEncoderOf } from "./keys.ts";
import type { Contract } from "./schema.ts";

/** A script made ready to be called: its schema turned into code once, not at every call. */
export interface Callable {
  readonly script: Script;
  readonly encodeKeys: EncodeKeys;
  readonly encodeArgs: EncodeArgs;
  readonly decode: Decode;
  readonly bytes: boolean;
}

/** The words of one call, after `EVALSHA`. */
export interface Words {
  /** The first key, which routes the call; none if the script has no keys. */
  readonly key: Arg | undefined;
  /** SHA, number of keys, keys, arguments. */
  readonly words: Arg[];
}

const callables = new WeakMap<Script, Callable>();

/** The callable form of a script, made at its first use. */
export function callableOf(script: Script): Callable {
  const known = callables.get(script);
  if (known !== undefined) return known;
  const made: Callable = {
    script,
    encodeKeys: keyEncoderOf(script.name, script.schema.keys),
    encodeArgs: encoderOf(script.name, script.schema.args),
    decode: decoderOf(script.schema.reply),
    bytes: holdsBytes(script.schema.reply),
  };
  callables.set(script, made);
  return made;
}

/** Turns a call's keys and arguments into words, or throws before anything is sent. */
export function wordsOf(redis: RedisPort, callable: Callable, keys: Contract["keys"], args: Contract["args"]): Words {
  const encoded = callable.encodeKeys(redis.traits.prefix, keys as Readonly<Record<string, unknown>>);
  const words: Arg[] = [callable.script.sha, String(encoded.length), ...encoded];
  callable.encodeArgs(words, args as Readonly<Record<string, unknown>>);
  return { key: encoded[0], words };
}

/** Reads a reply as the header promises it, or throws a `SCRIPT_REPLY` error. */
export function readReply(callable: Callable, reply: Reply): unknown {
  try {
    return callable.decode(reply);
  } catch (error) {
    if (!(error instanceof ReplyMisfit)) throw error;
    const { name, schema } = callable.script;
    throw new ScriptError("SCRIPT_REPLY", `Script ${name}: ${error}. Its code and its header disagree.`, {
      script: name,
      applied: schema.writes === "none" ? "no" : "maybe",
    });
  }
}

/** Bytes of words and replies, for events. */
export function bytesOf(value: Arg | Reply | readonly Arg[]): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (value instanceof Uint8Array) return value.byteLength;
  if (Array.isArray(value)) return (value as readonly Reply[]).reduce<number>((sum, each) => sum + bytesOf(each), 0);
  return value === null ? 0 : 8;
}
