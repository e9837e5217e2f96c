import type { Arg, ClientError, RedisPort, Reply } from "../client/index.ts";
import { InvalidInputError, show } from "../core/index.ts";
import { checkPort } from "../port/index.ts";
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

/** The words of one call. */
export interface Words {
  /** Routes the call: the first key, or the SHA of a script without keys, so that it is always asked of the same node. */
  readonly key: Arg;
  /** `EVALSHA`, SHA, number of keys, keys, arguments. */
  readonly words: Arg[];
  readonly keyCount: number;
}

/** Where keys begin among the words of a call. */
export const firstKey = 3;

const callables = new WeakMap<UntypedScript, Callable>();

/** The callable form of a script, made at its first use. */
export function callableOf(script: UntypedScript): Callable {
  let callable = callables.get(script);
  if (callable === undefined) {
    checkScript(script);
    callable = makeCallable(script, script.schema.reply);
    callables.set(script, callable);
  }
  return callable;
}

/** Two modules that import each other see scripts that are not there yet, whatever their types say. */
export function checkScript(script: unknown): asserts script is UntypedScript {
  const { schema, sha } = (script ?? {}) as Partial<UntypedScript>;
  if (schema !== undefined && sha !== undefined) return;
  const what = "what defineScript answers, or what redlua gen wrote";
  throw new InvalidInputError("INPUT_INVALID", "script", `A script must be ${what}, not ${show(script)}.`);
}

/** The signal of a call. Its controller is easily taken for it, and would end nothing. */
export function signalOf({ signal }: { readonly signal?: AbortSignal | undefined }): AbortSignal | undefined {
  if (signal === undefined || typeof signal?.aborted === "boolean") return signal;
  throw new InvalidInputError("INPUT_INVALID", "signal", `signal must be an AbortSignal, not ${show(signal)}.`);
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
  const { script, encodeKeys, encodeArgs } = callable;
  if (redis?.traits === undefined) checkPort(script.name, redis);
  const words: Arg[] = ["EVALSHA", script.sha, ""];
  encodeKeys(words, redis.traits.prefix, keys as Readonly<Record<string, unknown>>);
  const keyCount = words.length - firstKey;
  words[firstKey - 1] = String(keyCount);
  const key = keyCount === 0 ? script.sha : (words[firstKey] as Arg);
  encodeArgs(words, args as Readonly<Record<string, unknown>>);
  return { key, words, keyCount };
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

/** Bytes that a call sends, for events: all but the name of the command. */
export function sentBytesOf({ words }: Words): number {
  return words.reduce((sum, word, index) => (index === 0 ? sum : sum + bytesOf(word)), 0);
}

/** Bytes of a reply, for events. */
export function bytesOf(value: Reply): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (value instanceof Uint8Array) return value.byteLength;
  if (Array.isArray(value)) return (value as readonly Reply[]).reduce<number>((sum, each) => sum + bytesOf(each), 0);
  return value === null ? 0 : 8;
}
