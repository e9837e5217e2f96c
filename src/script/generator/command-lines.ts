/**
 * The commands of Redis 6.2 to 8 and of Valkey, by what their keys hold: name, arity (as `COMMAND` says it: the name counts,
 * a minus means "or more"), `w` if it writes or is passed on to replicas, `r` if not, and first, last and step of its keys.
 * The last three are left out where a command has no keys, or where a number among its words says which words are keys.
 */
export const commandLines = {
  string: `
    APPEND 3 w 1 1 1; BITCOUNT -2 r 1 1 1; BITFIELD -2 w 1 1 1; BITFIELD_RO -2 r 1 1 1; BITOP -4 w 2 -1 1; BITPOS -3 r 1 1 1;
    DECR 2 w 1 1 1; DECRBY 3 w 1 1 1; DELEX -2 w 1 1 1; DELIFEQ 3 w 1 1 1; DIGEST 2 r 1 1 1; GET 2 r 1 1 1; GETBIT 3 r 1 1 1;
    GETDEL 2 w 1 1 1; GETEX -2 w 1 1 1; GETRANGE 4 r 1 1 1; GETSET 3 w 1 1 1; INCR 2 w 1 1 1; INCRBY 3 w 1 1 1;
    INCRBYFLOAT 3 w 1 1 1; LCS -3 r 1 2 1; MGET -2 r 1 -1 1; MSET -3 w 1 -1 2; MSETEX -4 w; MSETNX -3 w 1 -1 2;
    PFADD -2 w 1 1 1; PFCOUNT -2 w 1 -1 1; PFMERGE -2 w 1 -1 1; PSETEX 4 w 1 1 1; SET -3 w 1 1 1; SETBIT 4 w 1 1 1;
    SETEX 4 w 1 1 1; SETNX 3 w 1 1 1; SETRANGE 4 w 1 1 1; STRLEN 2 r 1 1 1; SUBSTR 4 r 1 1 1`,
  hash: `
    HDEL -3 w 1 1 1; HEXISTS 3 r 1 1 1; HEXPIRE -6 w 1 1 1; HEXPIREAT -6 w 1 1 1; HEXPIRETIME -5 r 1 1 1; HGET 3 r 1 1 1;
    HGETALL 2 r 1 1 1; HGETDEL -5 w 1 1 1; HGETEX -5 w 1 1 1; HINCRBY 4 w 1 1 1; HINCRBYFLOAT 4 w 1 1 1; HKEYS 2 r 1 1 1;
    HLEN 2 r 1 1 1; HMGET -3 r 1 1 1; HMSET -4 w 1 1 1; HPERSIST -5 w 1 1 1; HPEXPIRE -6 w 1 1 1; HPEXPIREAT -6 w 1 1 1;
    HPEXPIRETIME -5 r 1 1 1; HPTTL -5 r 1 1 1; HRANDFIELD -2 r 1 1 1; HSCAN -3 r 1 1 1; HSET -4 w 1 1 1; HSETEX -6 w 1 1 1;
    HSETNX 4 w 1 1 1; HSTRLEN 3 r 1 1 1; HTTL -5 r 1 1 1; HVALS 2 r 1 1 1`,
  list: `
    LINDEX 3 r 1 1 1; LINSERT 5 w 1 1 1; LLEN 2 r 1 1 1; LMOVE 5 w 1 2 1; LMPOP -4 w; LPOP -2 w 1 1 1; LPOS -3 r 1 1 1;
    LPUSH -3 w 1 1 1; LPUSHX -3 w 1 1 1; LRANGE 4 r 1 1 1; LREM 4 w 1 1 1; LSET 4 w 1 1 1; LTRIM 4 w 1 1 1; RPOP -2 w 1 1 1;
    RPOPLPUSH 3 w 1 2 1; RPUSH -3 w 1 1 1; RPUSHX -3 w 1 1 1`,
  set: `
    SADD -3 w 1 1 1; SCARD 2 r 1 1 1; SDIFF -2 r 1 -1 1; SDIFFSTORE -3 w 1 -1 1; SINTER -2 r 1 -1 1; SINTERCARD -3 r;
    SINTERSTORE -3 w 1 -1 1; SISMEMBER 3 r 1 1 1; SMEMBERS 2 r 1 1 1; SMISMEMBER -3 r 1 1 1; SMOVE 4 w 1 2 1; SPOP -2 w 1 1 1;
    SRANDMEMBER -2 r 1 1 1; SREM -3 w 1 1 1; SSCAN -3 r 1 1 1; SUNION -2 r 1 -1 1; SUNIONSTORE -3 w 1 -1 1`,
  zset: `
    GEOADD -5 w 1 1 1; GEODIST -4 r 1 1 1; GEOHASH -2 r 1 1 1; GEOPOS -2 r 1 1 1; GEORADIUS -6 w 1 1 1;
    GEORADIUSBYMEMBER -5 w 1 1 1; GEORADIUSBYMEMBER_RO -5 r 1 1 1; GEORADIUS_RO -6 r 1 1 1; GEOSEARCH -7 r 1 1 1;
    GEOSEARCHSTORE -8 w 1 2 1; ZADD -4 w 1 1 1; ZCARD 2 r 1 1 1; ZCOUNT 4 r 1 1 1; ZDIFF -3 r; ZDIFFSTORE -4 w 1 1 1;
    ZINCRBY 4 w 1 1 1; ZINTER -3 r; ZINTERCARD -3 r; ZINTERSTORE -4 w 1 1 1; ZLEXCOUNT 4 r 1 1 1; ZMPOP -4 w;
    ZMSCORE -3 r 1 1 1; ZPOPMAX -2 w 1 1 1; ZPOPMIN -2 w 1 1 1; ZRANDMEMBER -2 r 1 1 1; ZRANGE -4 r 1 1 1;
    ZRANGEBYLEX -4 r 1 1 1; ZRANGEBYSCORE -4 r 1 1 1; ZRANGESTORE -5 w 1 2 1; ZRANK 3 r 1 1 1; ZREM -3 w 1 1 1;
    ZREMRANGEBYLEX 4 w 1 1 1; ZREMRANGEBYRANK 4 w 1 1 1; ZREMRANGEBYSCORE 4 w 1 1 1; ZREVRANGE -4 r 1 1 1;
    ZREVRANGEBYLEX -4 r 1 1 1; ZREVRANGEBYSCORE -4 r 1 1 1; ZREVRANK 3 r 1 1 1; ZSCAN -3 r 1 1 1; ZSCORE 3 r 1 1 1;
    ZUNION -3 r; ZUNIONSTORE -4 w 1 1 1`,
  stream: `
    XACK -4 w 1 1 1; XACKDEL -6 w 1 1 1; XADD -5 w 1 1 1; XAUTOCLAIM -6 w 1 1 1; XCLAIM -6 w 1 1 1; XDEL -3 w 1 1 1;
    XDELEX -5 w 1 1 1; XGROUP -2 w; XINFO -2 r; XLEN 2 r 1 1 1; XPENDING -3 r 1 1 1; XRANGE -4 r 1 1 1; XREAD -4 r;
    XREADGROUP -7 w; XREVRANGE -4 r 1 1 1; XSETID -3 w 1 1 1; XTRIM -4 w 1 1 1`,
  any: `
    COPY -3 w 1 2 1; DEL -2 w 1 -1 1; DUMP 2 r 1 1 1; EXISTS -2 r 1 -1 1; EXPIRE -3 w 1 1 1; EXPIREAT -3 w 1 1 1;
    EXPIRETIME 2 r 1 1 1; KEYS 2 r; LASTSAVE 1 r; OBJECT -2 r; PERSIST 2 w 1 1 1; PEXPIRE -3 w 1 1 1; PEXPIREAT -3 w 1 1 1;
    PEXPIRETIME 2 r 1 1 1; PTTL 2 r 1 1 1; PUBLISH 3 w; RENAME 3 w 1 2 1; RENAMENX 3 w 1 2 1; RESTORE -4 w 1 1 1; SCAN -2 r;
    SORT -2 w 1 1 1; SORT_RO -2 r 1 1 1; SPUBLISH 3 w; TIME 1 r; TOUCH -2 r 1 -1 1; TTL 2 r 1 1 1; TYPE 2 r 1 1 1;
    UNLINK -2 w 1 -1 1`,
} as const;

/** Commands that Redis runs in no script, or that no script should: they speak of the connection, the server or the whole data. */
export const forbiddenNames: readonly string[] = (
  "ACL ASKING AUTH BGREWRITEAOF BGSAVE BLMOVE BLMPOP BLPOP BRPOP BRPOPLPUSH BZMPOP BZPOPMAX BZPOPMIN CLIENT CLUSTER " +
  "COMMAND CONFIG DBSIZE DEBUG DISCARD ECHO EVAL EVALSHA EVALSHA_RO EVAL_RO EXEC FAILOVER FCALL FCALL_RO FLUSHALL FLUSHDB " +
  "FUNCTION HELLO INFO LATENCY LOLWUT MEMORY MIGRATE MODULE MONITOR MOVE MULTI PFDEBUG PFSELFTEST PING PSUBSCRIBE PSYNC " +
  "PUBSUB PUNSUBSCRIBE QUIT RANDOMKEY READONLY READWRITE REPLCONF REPLICAOF RESET RESTORE-ASKING ROLE SAVE SCRIPT SELECT " +
  "SHUTDOWN SLAVEOF SLOWLOG SSUBSCRIBE SUBSCRIBE SUNSUBSCRIBE SWAPDB SYNC UNSUBSCRIBE UNWATCH WAIT WAITAOF WATCH"
).split(" ");
