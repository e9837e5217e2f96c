import { type Reply, SetReply, Status } from "../../value/index.ts";

/**
 * Where commands have their keys and what they do to them, as COMMAND INFO tells it: for each shape the commands that have it.
 * A key stands at an index or after a word (`STORE@6`: looked for from there); from there `to` the last (negative: from the end),
 * `by` a step, or only a half `of` what follows; or as many as a number says that stands there (`counted`).
 */
const table = `
RW+insert 1: append hsetnx linsert lpush lpushx pfadd rpush rpushx sadd
RO+access 1: bitcount bitfield_ro bitpos dump expiretime geodist geohash geopos georadius_ro georadiusbymember_ro
    geosearch get getbit getrange hget hgetall hkeys hmget hrandfield hscan hvals lindex lpos lrange pexpiretime pttl
    smembers smismember srandmember sscan substr ttl xpending xrange xrevrange zcount zlexcount zmscore zrandmember
    zrange zrangebylex zrangebyscore zrank zrevrange zrevrangebylex zrevrangebyscore zrevrank zscan zscore
RW+access+update+variable_flags 1: bitfield set
OW+update 2, RO+access 3 to -1: bitop
RW+access+delete 1, RW+insert 2: blmove brpoplpush lmove rpoplpush smove
RW+access+delete 2 counted: blmpop bzmpop
RW+access+delete 1 to -2: blpop brpop bzpopmax bzpopmin
RO+access 1, OW+update 2: copy
RW+access+update 1: decr decrby getex getset hincrby hincrbyfloat incr incrby incrbyfloat move setbit zincrby
RM+delete 1 to -1: del unlink
RW+access+update 2 counted: eval evalsha fcall
RO+access 2 counted: eval_ro evalsha_ro fcall_ro
RO 1 to -1: exists touch watch
RW+update 1: expire expireat geoadd hmset hset lset persist pexpire pexpireat setrange xack xadd xclaim xsetid zadd
RO+access 1, OW+update STORE@6, OW+update STOREDIST@6: georadius
RO+access 1, OW+update STORE@5, OW+update STOREDIST@5: georadiusbymember
OW+update 1, RO+access 2: geosearchstore zrangestore
RW+access+delete 1: getdel lpop rpop spop zpopmax zpopmin
RW+delete 1: hdel lrem ltrim srem xautoclaim xdel xtrim zrem zremrangebylex zremrangebyrank zremrangebyscore
RO 1: hexists hlen hstrlen llen scard sismember strlen type xlen zcard
RO+access 1 to 1: lcs
RW+access+delete 1 counted: lmpop zmpop
RO 2: memory|usage object|encoding object|freq object|idletime object|refcount
RO+access 1 to -1: mget sdiff sinter sunion
OW+update 1 to -1 by 2: mset
OW+insert 1 to -1 by 2: msetnx
RW+access 1 to -1: pfcount
RW+access 2: pfdebug
RW+access+insert 1, RO+access 2 to -1: pfmerge
OW+update 1: psetex restore setex
RW+access+delete 1, OW+update 2: rename
RW+access+delete 1, OW+insert 2: renamenx
OW+update 1, RO+access 2 to -1: sdiffstore sunionstore
OW+insert 1: setnx
RO+access 1 counted: sintercard zdiff zinter zintercard zunion
RW+update 1, RO+access 2 to -1: sinterstore
RO+access 1, RO+access ?, OW+update ?: sort
RO+access 1, RO+access ?: sort_ro
not_key 1: spublish
not_key 1 to -1: ssubscribe sunsubscribe
RW+insert 2: xgroup|create xgroup|createconsumer
RW+delete 2: xgroup|delconsumer xgroup|destroy
RW+update 2: xgroup|setid
RO+access 2: xinfo|consumers xinfo|groups xinfo|stream
RO+access STREAMS@1 to -1 by 1 of 2: xread
RO+access STREAMS@4 to -1 by 1 of 2: xreadgroup
OW+update 1, RO+access 2 counted: zdiffstore zinterstore zunionstore
`;

/** One place where a command has keys. */
export interface KeySpec {
  /** `RW`, `access`… */
  readonly flags: readonly string[];
  /** `undefined`: only the command itself can tell. */
  readonly begin: { readonly index: number } | { readonly keyword: string; readonly from: number } | undefined;
  readonly counted: boolean;
  readonly last: number;
  readonly step: number;
  readonly limit: number;
}

let specs: Map<string, readonly KeySpec[]> | undefined;

/** Where a command has its keys; subcommands as `object|encoding`. */
export function keySpecsOf(name: string): readonly KeySpec[] {
  if (specs === undefined) {
    specs = new Map();
    for (const line of table.trim().replaceAll(/\n +/g, " ").split("\n")) {
      const [shape = "", names = ""] = line.split(": ");
      const read = shape.split(", ").map(readSpec);
      for (const each of names.split(" ")) specs.set(each, read);
    }
  }
  return specs.get(name) ?? [];
}

const shape = /^(\S+) (?:(\d+)|(\w+)@(\d+)|\?)( counted)?(?: to (-?\d+))?(?: by (\d+))?(?: of (\d+))?$/;

function readSpec(text: string): KeySpec {
  const [, flags = "", index, keyword, from, counted, last = "0", step = "1", limit = "0"] = shape.exec(text) ?? [];
  let begin: KeySpec["begin"];
  if (index !== undefined) begin = { index: Number(index) };
  else if (keyword !== undefined) begin = { keyword, from: Number(from) };
  return {
    flags: flags.split("+"),
    begin,
    counted: counted !== undefined,
    last: Number(last),
    step: Number(step),
    limit: Number(limit),
  };
}

/** Positions of the keys of one place in a call. */
export function positions(spec: KeySpec, args: readonly string[]): readonly number[] {
  const { begin } = spec;
  if (begin === undefined) return [];
  let first: number;
  if ("index" in begin) first = begin.index;
  else {
    const at = args.findIndex((arg, position) => position >= begin.from && arg.toUpperCase() === begin.keyword);
    if (at === -1) return [];
    first = at + 1;
  }
  let last: number;
  if (spec.counted) {
    last = first + Number(args[first]);
    first++;
  } else if (spec.last >= 0) last = first + spec.last;
  else if (spec.limit === 0) last = args.length + spec.last;
  else last = first + Math.floor((args.length - first) / spec.limit) + spec.last;
  const found: number[] = [];
  for (let at = first; at <= last && at < args.length; at += spec.step) found.push(at);
  return found;
}

/** As COMMAND INFO answers it, but for the notes in prose. */
export function keySpecReply(spec: KeySpec): Reply {
  const { begin } = spec;
  const flags = new SetReply(spec.flags.map((flag) => new Status(flag)));
  return ["flags", flags, "begin_search", beginReply(begin), "find_keys", begin === undefined ? unknown : findReply(spec)];
}

const unknown: Reply = ["type", "unknown", "spec", []];

function beginReply(begin: KeySpec["begin"]): Reply {
  if (begin === undefined) return unknown;
  if ("index" in begin) return ["type", "index", "spec", ["index", begin.index]];
  return ["type", "keyword", "spec", ["keyword", begin.keyword, "startfrom", begin.from]];
}

function findReply({ counted, last, step, limit }: KeySpec): Reply {
  if (counted) return ["type", "keynum", "spec", ["keynumidx", 0, "firstkey", 1, "keystep", step]];
  return ["type", "range", "spec", ["lastkey", last, "keystep", step, "limit", limit]];
}
