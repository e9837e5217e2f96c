import type { Arg, ClientError, RedisPort, Reply } from "../client/index.ts";
import { asText, type Decode, decoderOf, holdsBytes, ReplyMisfit } from "./decode.ts";
import type { UntypedScript } from "./define.ts";
import { type EncodeArgs, encoderOf } from "./encode.ts";
import { ScriptError } from "./errors.ts";
import { type EncodeKeys, keyEncoderOf } from "./keys.ts";
import type { Contract, ReplyType } from "./schema.ts";

/** A script made ready to be called: its schema turned into code once, not at every call. */
export interface Callable {
  readonly script: UntypedScript;
  readonly encodeKeys: EncodeKeys;
  readonly encodeArgs: EncodeArgs;
  readonly decode: Decode;
  /** The reply holds bytes, so the client must not make text of it. */
  readonly bytes: boolean;
  /** The same script, with text where its reply has bytes. */
  readonly asText: () => Callable;
}

/** The words of one call, after `EVALSHA`. */
export interface Words {
  /** Routes the call: the first key, or the SHA of a script without keys, so that it is always asked of the same node. */
  readonly key: Arg;
  /** SHA, number of keys, keys, arguments. */
  readonly words: Arg[];
}

const callables = new WeakMap<UntypedScript, Callable>();

/** The callable form of a script, made at its first use. */
export function callableOf(script: UntypedScript): Callable {
  let callable = callables.get(script);
  if (callable === undefined) {
    callable = makeCallable(script, script.schema.reply);
    callables.set(script, callable);
  }
  return callable;
}

function makeCallable(script: UntypedScript, reply: ReplyType): Callable {
  let text: Callable | undefined;
  return {
    script,
    encodeKeys: keyEncoderOf(script.name, script.schema.keys),
    encodeArgs: encoderOf(script.name, script.schema.args),
    decode: decoderOf(reply),
    bytes: holdsBytes(reply),
    asText: () => {
      text ??= makeCallable(script, asText(reply));
      return text;
    },
  };
}

/** Turns a call's keys and arguments into words, or throws before anything is sent. */
export function wordsOf(redis: RedisPort, callable: Callable, keys: Contract["keys"], args: Contract["args"]): Words {
  const encoded = callable.encodeKeys(redis.traits.prefix, keys as Readonly<Record<string, unknown>>);
  const words: Arg[] = [callable.script.sha, String(encoded.length), ...encoded];
  callable.encodeArgs(words, args as Readonly<Record<string, unknown>>);
  return { key: encoded[0] ?? callable.script.sha, words };
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

/** Whether the server does not know the script. In the server's own words: a script might answer `NOSCRIPT` of its own. */
export function isNoScript({ reply, message }: ClientError): boolean {
  return reply === "NOSCRIPT" && message.startsWith("NOSCRIPT No matching script");
}

/** Bytes of words and replies, for events. */
export function bytesOf(value: Arg | Reply | readonly Arg[]): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (value instanceof Uint8Array) return value.byteLength;
  if (Array.isArray(value)) return (value as readonly Reply[]).reduce<number>((sum, each) => sum + bytesOf(each), 0);
  return value === null ? 0 : 8;
}
