import { afterAll, beforeAll, describe, test } from "vitest";
import { Differential, sequence } from "../../fixtures/index.ts";
import { genericCommands } from "../generic/index.ts";
import { setCommands } from "../sets/index.ts";
import { stringCommands } from "../strings/index.ts";
import { sortedSetCommands } from "./index.ts";

const abc = "ZADD z 1 a 2 b 3 c";
const five = "ZADD z 1 a 2 b 2 c 3 d 4 e";
const same = "ZADD z 0 a 0 b 0 c 0 d 0 e 0 f";
const all = "ZRANGE z 0 -1 WITHSCORES";
const long = "m".repeat(65);
const numbers = (count: number): string =>
  `ZADD z ${Array.from({ length: count }, (_, at) => `${(at * 7919) % 1000} m${at}`).join(" ")}`;
const members = (count: number): string =>
  `ZADD z ${Array.from({ length: count }, (_, at) => `0 m${(at * 7919) % 1000}`).join(" ")}`;

const sequences: Readonly<Record<string, string>> = {
  "ZADD and its order": `
    ZADD z 3 c 1 a 2 b | ${all} | ZADD z 1 b | ${all} | ZADD z 1 a | ZADD z 5 a 6 a 7 x 8 x | ${all} | ZCARD z | TYPE z
  `,
  "ZADD orders ties by bytes": `ZADD z 1 b 1 a 1 B 1 '' 1 \xff 1 \x00 1 aa 1 a\x00 | ${all} | ZRANK z \xff | ZRANK z ''`,
  "ZADD NX and XX": `
    ZADD z XX 1 a | EXISTS z | ZADD z NX 1 a | ZADD z NX 2 a 3 b | ZADD z XX 5 a 6 x | ${all} | ZADD z xx nx 1 a
    ZADD z NX XX 1 a
  `,
  "ZADD GT and LT": `
    ZADD z GT 5 a | ZADD z GT 4 a 3 b | ${all} | ZADD z LT 4 a 9 b 7 c | ${all} | ZADD z GT CH 4 a 10 a 10 b | ${all}
    ZADD z LT XX 1 a 1 q | ${all} | ZADD z GT LT 1 a | ZADD z GT NX 1 a | ZADD z LT NX 1 a
  `,
  "ZADD CH": `ZADD z CH 1 a 2 b | ZADD z CH 1 a 3 b 4 c | ZADD z CH XX 1 a 5 q | ZADD z ch ch 9 a`,
  "ZADD INCR": `
    ZADD z INCR 5 a | ZADD z INCR 1.5 a | ZADD z NX INCR 1 a | ZADD z XX INCR 1 b | ZADD z XX INCR 1 a | ZADD z GT INCR -1 a
    ZADD z GT INCR 0 a | ZADD z LT INCR -1 a | ZADD z INCR 1 a 2 b | ZADD n XX INCR 1 a | EXISTS n | ${all}
  `,
  "ZADD with what is wrong": `
    ZADD z | ZADD z 1 | ZADD z 1 a 2 | ZADD z a 1 | ZADD z 1 a x b | ZADD z nan a | ZADD z NX | ZADD z NX XX | ZADD z NX XX x
    ZADD z FOO 1 a | ZADD z 1 a NX 2 b | ZADD z GT LT x a | EXISTS z
  `,
  "ZADD reads scores as C does": `
    ZADD z inf a -inf b +inf c Infinity d -INFINITY e | ${all} | ZADD z 0x10 h 0X1p3 i 1e3 j 1E-3 k .5 l 5. m +7 n 007 o
    ${all}
  `,
  "scores of 17 digits, and half way between two of them": `
    ZADD z 72057594037927936 a -99999999999999984 b 36028797018963969 c 711963491978975.125 d -71196349197897.5625 e
    ZADD z 711963491978975.375 f 2199023255552.00048828125 g 1e17 h 0.00012345 i 5e-324 j | ${all} | ZINCRBY z 0.125 a
  `,
  "ZADD refuses what is no score": `
    ZADD z '' a | ZADD z ␣1 a | ZADD z 1␣ a | ZADD z 1e400 a | ZADD z -1e400 a | ZADD z 1e-400 a | ZADD z 1.2.3 a | ZADD z 1e a
    ZADD z - a | ZADD z . a | ZADD z 0x a | ZADD z NaN a | ZADD z infi a | ZADD z 1_0 a | ZADD z 1\x00 a | EXISTS z
  `,
  "scores keep all their digits": `
    ZADD z 0.1 a 0.30000000000000004 b 1e300 c 1e-300 d 9007199254740993 e 123456789012345678 f 3.0 g 1e17 h 1e16 i 0.0001 j 0.00001 k -1.5 l
    ${all} | ZSCORE z k | ZSCORE z h
  `,
  "the sign of zero": `
    ZADD z -0 a 0 b -0.0 c | ${all} | ZSCORE z a | ZADD z INCR -0 d | ZSCORE z d | ZINCRBY z -0 a | ZRANGEBYSCORE z -0 0
    ZCOUNT z 0 (0 | ZADD z -0 ${long} | ZADD z -0 e | OBJECT ENCODING z | ${all} | ZADD z CH 0 e | ZSCORE z e
  `,
  "a great set keeps the sign of zero": `
    ZADD z -0 ${long} -0 a | OBJECT ENCODING z | ${all} | ZINCRBY z 0 a | ZADD z CH 0 a | ${all} | ZREM z ${long}
    ZUNIONSTORE d 1 z | ZRANGE d 0 -1 WITHSCORES | OBJECT ENCODING d
  `,
  ZINCRBY: `
    ZINCRBY z 1 a | ZINCRBY z 2.5 a | ZINCRBY z -inf a | ZINCRBY z inf a | ZSCORE z a | ZINCRBY z x a | ZINCRBY z nan a
    ZINCRBY z NX a | ZINCRBY z ch xx | ZINCRBY z 1 | ZINCRBY z 0 a | ZINCRBY z 0.1 b | ZINCRBY z 0.2 b | ${all}
  `,
  ZREM: `
    ${abc} | ZREM z a | ZREM z a q b | ${all} | ZREM none a | ZREM z c c | EXISTS z | ZREM z | ${five} | ZREM z e d c b a q
  `,
  ZCARD: `ZCARD z | ${abc} | ZCARD z | ZCARD | ZCARD z z`,
  "ZSCORE and ZMSCORE": `
    ${abc} | ZSCORE z a | ZSCORE z q | ZSCORE none a | ZMSCORE z a q c a | ZMSCORE none a b | ZMSCORE z | ZSCORE z
  `,
  "ZRANK and ZREVRANK": `
    ${five} | ZRANK z a | ZRANK z c | ZRANK z e | ZRANK z q | ZRANK none a | ZREVRANK z a | ZREVRANK z c | ZREVRANK z q
    ZREVRANK none a | ZRANK z a WITHSCORE | ZRANK z
  `,
  ZCOUNT: `
    ${five} | ZCOUNT z 2 3 | ZCOUNT z (2 3 | ZCOUNT z 2 (3 | ZCOUNT z -inf +inf | ZCOUNT z 3 2 | ZCOUNT z (2 (2 | ZCOUNT z 2 2
    ZCOUNT none 1 2 | ZCOUNT z a 1 | ZCOUNT z 1 b | ZCOUNT z ((1 2 | ZCOUNT z nan 1 | ZCOUNT z 1 (nan | ZCOUNT z 1
  `,
  "bounds of scores as C reads them": `
    ZADD z 0 a 1 b 2 c | ZCOUNT z '' 1 | ZCOUNT z ( 1 | ZCOUNT z ␣1 2 | ZCOUNT z (\x091 2 | ZCOUNT z 1␣ 2 | ZCOUNT z ␣ 2
    ZCOUNT z (␣ 2 | ZCOUNT z -1e400 1e400 | ZCOUNT z 1e-400 2 | ZCOUNT z (1e-400 2 | ZCOUNT z 0x1 0x2 | ZCOUNT z -INF Infinity
    ZCOUNT z (-inf (+inf | ZCOUNT z 1\x00x 2 | ZCOUNT z \x00 2 | ZCOUNT z [1 2 | ZCOUNT z 1e 2
  `,
  ZLEXCOUNT: `
    ${same} | ZLEXCOUNT z - + | ZLEXCOUNT z [b [d | ZLEXCOUNT z (b (d | ZLEXCOUNT z [d [b | ZLEXCOUNT z + - | ZLEXCOUNT z - -
    ZLEXCOUNT z + + | ZLEXCOUNT z [bb + | ZLEXCOUNT none - + | ZLEXCOUNT z b d | ZLEXCOUNT z [b d | ZLEXCOUNT z '' +
    ZLEXCOUNT z -a + | ZLEXCOUNT z [ ( | ZLEXCOUNT z - [c
  `,
  "ZRANGE by rank": `
    ${five} | ZRANGE z 0 -1 | ZRANGE z 1 2 | ZRANGE z -2 -1 | ZRANGE z -100 1 | ZRANGE z 3 100 | ZRANGE z 5 9 | ZRANGE z 2 1
    ZRANGE z 0 -6 | ZRANGE z 1 2 WITHSCORES | ZRANGE z 0 1 REV | ZRANGE z -2 -1 REV WITHSCORES | ZRANGE none 0 -1 | ZRANGE z a 1
    ZRANGE z 0 1.5 | ZRANGE z 0 9223372036854775808 | ZRANGE z -9223372036854775808 9223372036854775807
  `,
  ZREVRANGE: `
    ${five} | ZREVRANGE z 0 -1 | ZREVRANGE z 1 2 WITHSCORES | ZREVRANGE z -2 -1 | ZREVRANGE z 4 100 | ZREVRANGE z 5 9
    ZREVRANGE z -100 -4 | ZREVRANGE z 0 1 REV | ZREVRANGE z 0 1 BYSCORE | ZREVRANGE z 0 1 LIMIT 0 1 | ZREVRANGE none 0 1
  `,
  "ZRANGE BYSCORE": `
    ${five} | ZRANGE z 2 3 BYSCORE | ZRANGE z (1 (4 BYSCORE WITHSCORES | ZRANGE z 3 2 BYSCORE REV | ZRANGE z 2 3 BYSCORE REV
    ZRANGE z 1 4 BYSCORE LIMIT 1 2 | ZRANGE z 4 1 BYSCORE REV LIMIT 1 2 WITHSCORES | ZRANGE z -inf +inf byscore limit 0 -1
    ZRANGE z a b BYSCORE
  `,
  "ZRANGE BYLEX": `
    ${same} | ZRANGE z [b [d BYLEX | ZRANGE z (b + BYLEX LIMIT 1 2 | ZRANGE z + - BYLEX REV | ZRANGE z [d (b BYLEX REV LIMIT 0 1
    ZRANGE z - + BYLEX WITHSCORES | ZRANGE z b d BYLEX | ZRANGE z 0 1 BYLEX BYSCORE
  `,
  "ZRANGE with options that do not go together": `
    ${five} | ZRANGE z 0 1 LIMIT 0 1 | ZRANGE z 0 1 LIMIT 0 -1 | ZRANGE z 0 1 LIMIT 5 -1 | ZRANGE z 0 1 REV REV
    ZRANGE z 0 1 BYSCORE BYSCORE | ZRANGE z 0 1 FOO | ZRANGE z 0 1 BYSCORE LIMIT 0 | ZRANGE z 0 1 BYSCORE LIMIT a 1
    ZRANGE z 0 1 BYSCORE LIMIT 1 b | ZRANGE z x y LIMIT 0 1 BYLEX WITHSCORES | ZRANGE z x y WITHSCORES WITHSCORES
    ZRANGE z 0 1 WITHSCORES WITHSCORES | ZRANGE z 0
  `,
  ZRANGEBYSCORE: `
    ${five} | ZRANGEBYSCORE z 2 3 | ZRANGEBYSCORE z -inf (2 WITHSCORES | ZRANGEBYSCORE z (1 +inf LIMIT 1 2 WITHSCORES
    ZRANGEBYSCORE z 3 1 | ZRANGEBYSCORE z (2 (2 | ZRANGEBYSCORE z 5 9 | ZRANGEBYSCORE z -5 0 | ZRANGEBYSCORE none 0 1
    ZRANGEBYSCORE z 0 1 REV | ZRANGEBYSCORE z a 1 | ZRANGEBYSCORE z 1
  `,
  "LIMIT of ranges of scores": `
    ${five} | ZRANGEBYSCORE z 1 4 LIMIT 0 0 | ZRANGEBYSCORE z 1 4 LIMIT 2 100 | ZRANGEBYSCORE z 1 4 LIMIT 5 1
    ZRANGEBYSCORE z 1 4 LIMIT 100 1 | ZRANGEBYSCORE z 1 4 LIMIT -1 1 | ZRANGEBYSCORE z 1 4 LIMIT 0 -5
    ZRANGEBYSCORE z 1 2 LIMIT 4 1 | ZREVRANGEBYSCORE z 4 1 LIMIT 2 2 | ZREVRANGEBYSCORE z 4 3 LIMIT 3 2
    ZREVRANGEBYSCORE z 4 1 LIMIT -1 2 | ZREVRANGEBYSCORE z 4 1 LIMIT 0 0 | ZRANGEBYSCORE z 1 4 LIMIT 0 1 LIMIT 1 1
  `,
  ZREVRANGEBYSCORE: `
    ${five} | ZREVRANGEBYSCORE z 3 2 | ZREVRANGEBYSCORE z (3 2 WITHSCORES | ZREVRANGEBYSCORE z 2 3
    ZREVRANGEBYSCORE z +inf -inf LIMIT 1 3 | ZREVRANGEBYSCORE z a b | ZREVRANGEBYSCORE none 1 0
  `,
  "ZRANGEBYLEX and ZREVRANGEBYLEX": `
    ${same} | ZRANGEBYLEX z - + | ZRANGEBYLEX z [b (e | ZRANGEBYLEX z - [c LIMIT 1 1 | ZRANGEBYLEX z [aa [bb
    ZRANGEBYLEX z [x + | ZRANGEBYLEX z - (a | ZREVRANGEBYLEX z + - | ZREVRANGEBYLEX z [d [b | ZREVRANGEBYLEX z (d - LIMIT 1 2
    ZREVRANGEBYLEX z - + | ZRANGEBYLEX z - + WITHSCORES | ZRANGEBYLEX z a b | ZRANGEBYLEX z - + LIMIT -1 5
    ZRANGEBYLEX z - + LIMIT 0 0 | ZRANGEBYLEX none - +
  `,
  "ranges of members of different scores": `
    ZADD z 1 b 2 z 3 a 4 c 5 y | ZRANGEBYLEX z [b [d | ZRANGEBYLEX z [a [c | ZRANGEBYLEX z - + | ZRANGEBYLEX z [c [z
    ZRANGEBYLEX z [b [d LIMIT 1 5 | ZRANGEBYLEX z [b [d LIMIT 2 5 | ZREVRANGEBYLEX z [d [b | ZREVRANGEBYLEX z [z [a LIMIT 1 2
    ZREVRANGEBYLEX z [c [a LIMIT 2 9 | ZLEXCOUNT z [b [d | ZLEXCOUNT z [c [z | ZREMRANGEBYLEX z [a [c | ${all}
  `,
  ZRANGESTORE: `
    ${five} | ZRANGESTORE d z 1 2 | ZRANGE d 0 -1 WITHSCORES | ZRANGESTORE d z 2 3 BYSCORE | ZRANGE d 0 -1 WITHSCORES
    ZRANGESTORE d z 3 2 BYSCORE REV LIMIT 1 1 | ZRANGE d 0 -1 | ZRANGESTORE d z 5 9 | EXISTS d | ZRANGESTORE d none 0 -1
    SET d x EX 100 | ZRANGESTORE d z 0 -1 REV | TTL d | TYPE d | ZRANGESTORE z z 0 1 | ${all} | ZRANGESTORE d z 0 -1 WITHSCORES
    ZRANGESTORE d z 0 1 LIMIT 0 1 | ZRANGESTORE d z 0 | ZRANGESTORE d z a b BYSCORE | ZRANGESTORE d none 0 1 | EXISTS d
  `,
  "ZRANGESTORE of a range of members": `
    ${same} | ZRANGESTORE d z [b [d BYLEX | ZRANGE d 0 -1 | ZRANGESTORE d z + - BYLEX REV LIMIT 0 2 | ZRANGE d 0 -1 | SET s x
    ZRANGESTORE d s 0 1 | EXISTS d
  `,
  ZREMRANGEBYRANK: `
    ${five} | ZREMRANGEBYRANK z 1 2 | ${all} | ZREMRANGEBYRANK z 5 9 | ZREMRANGEBYRANK z 2 1 | ZREMRANGEBYRANK z -1 -1 | ${all}
    ZREMRANGEBYRANK z 0 -1 | EXISTS z | ZREMRANGEBYRANK z 0 -1 | ZREMRANGEBYRANK z a 1 | ZREMRANGEBYRANK z 0 b
    ZREMRANGEBYRANK z 0
  `,
  ZREMRANGEBYSCORE: `
    ${five} | ZREMRANGEBYSCORE z (1 2 | ${all} | ZREMRANGEBYSCORE z 9 10 | ZREMRANGEBYSCORE z 4 3 | ZREMRANGEBYSCORE z -inf (4
    ${all} | ZREMRANGEBYSCORE z 4 4 | EXISTS z | ZREMRANGEBYSCORE z a 1 | ZREMRANGEBYSCORE none 0 1
  `,
  ZREMRANGEBYLEX: `
    ${same} | ZREMRANGEBYLEX z [b (d | ${all} | ZREMRANGEBYLEX z + - | ZREMRANGEBYLEX z - (d | ${all} | ZREMRANGEBYLEX z - +
    EXISTS z | ZREMRANGEBYLEX z a b | ZREMRANGEBYLEX none - +
  `,
  "ZPOPMIN and ZPOPMAX": `
    ${five} | ZPOPMIN z | ZPOPMAX z | ZPOPMIN z 2 | ${all} | ZPOPMAX z 5 | EXISTS z | ZPOPMIN z | ZPOPMIN z 3 | ZPOPMAX none
  `,
  "ZPOPMIN and ZPOPMAX with counts": `
    ${five} | ZPOPMIN z 0 | ZPOPMIN z -1 | ZPOPMIN z a | ZPOPMIN z 1 2 | ZPOPMAX z 9223372036854775808 | ZPOPMAX z 1.5
    ZPOPMAX z 2 | ZPOPMAX z 9223372036854775807 | ZPOPMIN | ZPOPMIN none -1 | ZPOPMIN none 0
  `,
  ZMPOP: `
    ${five} | ZMPOP 1 z MIN | ZMPOP 2 none z MAX COUNT 2 | ZMPOP 1 none MIN | ZMPOP 1 z min count 10 | EXISTS z
    ZMPOP 1 z MIN COUNT 0 | ZMPOP 1 z MIN COUNT -1 | ZMPOP 1 z MIN COUNT a | ZMPOP 0 z MIN | ZMPOP a z MIN | ZMPOP -1 z MIN
    ZMPOP 2 z MIN | ZMPOP 1 z FOO | ZMPOP 1 z MIN COUNT | ZMPOP 1 z MIN COUNT 1 COUNT 1 | ZMPOP 1 z MIN FOO 1 | ZMPOP 1 z
  `,
  "BZPOPMIN and BZPOPMAX with something there": `
    ${five} | BZPOPMIN none z 0 | BZPOPMAX z 0 | BZPOPMIN z z 1.5 | BZPOPMIN z a | BZPOPMIN z -1 | BZPOPMAX z 1e400
    BZPOPMAX z inf | BZPOPMIN z | SET s x | BZPOPMIN s 0 | BZPOPMIN none s z 0 | BZPOPMIN z s 0 | BZPOPMIN z s 0
  `,
  "BZMPOP with something there": `
    ${five} | BZMPOP 0 1 z MIN | BZMPOP 1 2 none z MAX COUNT 2 | BZMPOP a 1 z MIN | BZMPOP -1 1 z MIN | BZMPOP a 0 z MIN
    BZMPOP 0 1 z FOO | BZMPOP 0 1 z MIN COUNT 0 | BZMPOP 0 0 z MIN | BZMPOP 0 1 z | SET s x | BZMPOP 0 1 s MIN
  `,
  ZUNION: `
    ZADD a 1 x 2 y | ZADD b 3 y 4 z | ZUNION 2 a b | ZUNION 2 a b WITHSCORES | ZUNION 2 a b WEIGHTS 2 3 WITHSCORES
    ZUNION 2 a b AGGREGATE MIN WITHSCORES | ZUNION 2 a b AGGREGATE max WITHSCORES
    ZUNION 3 a none b WEIGHTS 1 2 3 AGGREGATE SUM WITHSCORES | ZUNION 1 none | ZUNION 2 a a WITHSCORES
    ZUNION 1 a WEIGHTS -1 WITHSCORES
  `,
  ZINTER: `
    ZADD a 1 x 2 y 5 w | ZADD b 3 y 4 z 6 w | ZINTER 2 a b | ZINTER 2 a b WITHSCORES
    ZINTER 2 a b WEIGHTS 2 3 AGGREGATE MAX WITHSCORES | ZINTER 2 a none | ZINTER 2 a a WITHSCORES
    ZINTER 2 a a WEIGHTS 1 2 WITHSCORES | ZINTER 1 a WITHSCORES
  `,
  ZDIFF: `
    ZADD a 1 x 2 y 3 w | ZADD b 9 y | ZDIFF 2 a b | ZDIFF 2 a b WITHSCORES | ZDIFF 1 a | ZDIFF 2 a a | ZDIFF 2 none a
    ZDIFF 3 a b none WITHSCORES | ZDIFF 2 a b WEIGHTS 1 2 | ZDIFF 2 a b AGGREGATE SUM | SADD s x q | ZDIFF 2 a s WITHSCORES
    ZDIFF 2 s a WITHSCORES
  `,
  ZUNIONSTORE: `
    ZADD a 1 x 2 y | ZADD b 3 y 4 z | ZUNIONSTORE d 2 a b | ZRANGE d 0 -1 WITHSCORES | ZUNIONSTORE a 2 a b WEIGHTS 2 1
    ZRANGE a 0 -1 WITHSCORES | ZUNIONSTORE d 1 none | EXISTS d | SET d x EX 100 | ZUNIONSTORE d 1 b | TTL d
    ZUNIONSTORE d 1 b WITHSCORES
  `,
  "ZINTERSTORE and ZDIFFSTORE": `
    ZADD a 1 x 2 y | ZADD b 3 y 4 z | ZINTERSTORE d 2 a b AGGREGATE MIN | ZRANGE d 0 -1 WITHSCORES | ZDIFFSTORE d 2 a b
    ZRANGE d 0 -1 WITHSCORES | ZDIFFSTORE d 2 a a | EXISTS d | ZINTERSTORE d 2 a none | ZDIFFSTORE d 2 a b WEIGHTS 1 2
    ZINTERSTORE d 0 a | ZDIFFSTORE d 3 a b
  `,
  "sets as inputs": `
    SADD s x y 5 | SADD i 1 2 5 | ZADD a 1 x 2 5 7 1 | ZUNION 2 s a WITHSCORES | ZINTER 2 s a WITHSCORES
    ZINTER 2 i a WEIGHTS 10 1 WITHSCORES | ZUNION 2 i s WITHSCORES | ZUNIONSTORE d 3 i s a WEIGHTS 2 3 4 AGGREGATE MAX
    ZRANGE d 0 -1 WITHSCORES | ZINTERCARD 2 s i | ZDIFF 2 i a WITHSCORES | ZINTER 2 i i WEIGHTS 2 3 WITHSCORES
  `,
  "infinities and NaN in sums": `
    ZADD a inf x 1 y -inf z | ZADD b -inf x inf y inf z | ZUNION 2 a b WITHSCORES | ZINTER 2 a b WITHSCORES
    ZUNION 1 a WEIGHTS 0 WITHSCORES | ZINTER 2 a b WEIGHTS 0 0 WITHSCORES | ZINTER 2 a b WEIGHTS 0 1 AGGREGATE MIN WITHSCORES
    ZINTER 2 a b WEIGHTS 1 0 AGGREGATE MIN WITHSCORES | ZUNION 2 a b WEIGHTS inf -inf WITHSCORES
    ZINTER 2 a b WEIGHTS 1 0 AGGREGATE MAX WITHSCORES | ZUNION 2 a b WEIGHTS nan 1
  `,
  "sums in the order of sizes": `
    ZADD a 0.1 x | ZADD b 0.2 x 1 p | ZADD c 0.3 x 1 p 1 q | ZUNION 3 a b c WITHSCORES | ZUNION 3 c b a WITHSCORES
    ZINTER 3 c a b WITHSCORES | ZUNION 4 c b a a WEIGHTS 1e16 1 -1e16 1 WITHSCORES | ZADD e 1e16 x | ZADD f -1e16 x | ZADD g 1 x
    ZUNION 3 e f g WITHSCORES | ZUNION 3 g e f WITHSCORES | ZINTER 3 e g f WITHSCORES
  `,
  "ZUNION with what is wrong": `
    ZADD a 1 x | ZUNION 0 a | ZUNION -1 a | ZUNION x a | ZUNION 2 a | ZUNION 1 a FOO | ZUNION 1 a WEIGHTS | ZUNION 1 a WEIGHTS x
    ZUNION 2 a a WEIGHTS 1 | ZUNION 1 a AGGREGATE | ZUNION 1 a AGGREGATE foo | ZUNION 1 a LIMIT 1 | ZINTER 0 a | ZDIFF 0 a
    ZUNIONSTORE d 0 a | ZINTERCARD 0 a | SET s x | ZUNION 1 s | ZUNION 2 a s FOO | ZUNION 0 s | ZUNIONSTORE d 2 s a
    ZUNION 1 a WEIGHTS 1 WEIGHTS 2 WITHSCORES WITHSCORES
  `,
  ZINTERCARD: `
    ZADD a 1 x 2 y 3 w | ZADD b 1 x 2 y 3 q | ZINTERCARD 2 a b | ZINTERCARD 2 a b LIMIT 1 | ZINTERCARD 2 a b LIMIT 0
    ZINTERCARD 2 a b LIMIT 10 | ZINTERCARD 2 a b LIMIT -1 | ZINTERCARD 2 a b LIMIT x | ZINTERCARD 2 a b LIMIT
    ZINTERCARD 2 a b LIMIT 1 LIMIT 2 | ZINTERCARD 2 a b WITHSCORES | ZINTERCARD 2 a b WEIGHTS 1 2 | ZINTERCARD 2 a none
    ZINTERCARD 1 a
  `,
  "ZRANDMEMBER of what there is no choice in": `
    ZRANDMEMBER none | ZRANDMEMBER none 5 | ZADD z 1 a | ZRANDMEMBER z | ZRANDMEMBER z 1 | ZRANDMEMBER z -3
    ZRANDMEMBER z -2 WITHSCORES | ZADD z 2 b 3 c | ZRANDMEMBER z 3 | ZRANDMEMBER z 100 WITHSCORES | ZRANDMEMBER z 0
    ZRANDMEMBER z 0 WITHSCORES
  `,
  "ZRANDMEMBER with what is wrong": `
    ${abc} | ZRANDMEMBER z a | ZRANDMEMBER z 1 FOO | ZRANDMEMBER z 1 WITHSCORES 1 | ZRANDMEMBER z WITHSCORES
    ZRANDMEMBER z -9223372036854775808 | ZRANDMEMBER none -9223372036854775807
    ZRANDMEMBER none -9223372036854775807 WITHSCORES | ZRANDMEMBER none 9223372036854775807 WITHSCORES
    ZRANDMEMBER none 4611686018427387904 WITHSCORES | ZRANDMEMBER none 4611686018427380000 WITHSCORES
    ZRANDMEMBER none 9223372036854775808 | ZRANDMEMBER z 1 2 3
  `,
  "ZSCAN of a small set": `
    ${abc} | ZSCAN z 0 | ZSCAN z 0 COUNT 1 | ZSCAN z 0 MATCH a* | ZSCAN z 0 MATCH [bc] COUNT 5 | ZSCAN z 5 | ZSCAN z a
    ZSCAN none 0 | ZSCAN none 0 FOO | ZSCAN z 0 FOO | ZSCAN z 0 COUNT 0 | ZSCAN z 0 COUNT x | ZSCAN z 0 MATCH
    ZSCAN z 0 TYPE zset | ZSCAN z | ZADD z 0.1 f inf g | ZSCAN z 0
  `,
  "encoding by the number of members": `
    ${numbers(127)} | OBJECT ENCODING z | ZADD z 5 x | OBJECT ENCODING z | ZADD z 6 x | OBJECT ENCODING z | ZADD z XX 6 y
    ZADD z 6 y | OBJECT ENCODING z | ZREM z x y | OBJECT ENCODING z | ${all} | ZCARD z
  `,
  "encoding by the length of a member": `
    ZADD z 1 ${long.slice(1)} | OBJECT ENCODING z | ZADD z 1 ${long} | OBJECT ENCODING z | ZREM z ${long} | OBJECT ENCODING z
    ZADD y 1 ${long} 2 a | OBJECT ENCODING y | ZADD x 1 a 2 ${long} | OBJECT ENCODING x | ZADD x XX 1 ${long}m | ZCARD x
  `,
  "encoding of results": `
    ${numbers(128)} | ZUNIONSTORE d 1 z | OBJECT ENCODING d | ZADD z 1 x | ZUNIONSTORE d 1 z | OBJECT ENCODING d | ZREM z x
    ZUNIONSTORE d 1 z | OBJECT ENCODING d | ZRANGESTORE d z 0 -1 | OBJECT ENCODING d | ZADD l 1 ${long} | ZDIFFSTORE d 1 l
    OBJECT ENCODING d | ZRANGESTORE d l 0 -1 | OBJECT ENCODING d | COPY l c | OBJECT ENCODING c
  `,
  "a set of hundreds": `
    ${numbers(700)} | ZCARD z | ${all} | ZRANGE z 100 120 | ZREVRANGE z 650 699 | ZRANGEBYSCORE z 100 (200 LIMIT 3 20
    ZRANK z m500 | ZREVRANK z m500 | ZCOUNT z (50 700 | ZREMRANGEBYRANK z 100 400 | ${all} | ZREMRANGEBYSCORE z 600 800 | ${all}
    ZPOPMIN z 50 | ZPOPMAX z 50 | ${all} | ${numbers(900)} | ${all} | ZPOPMIN z 900 | EXISTS z
  `,
  "a set of hundreds by member": `
    ${members(700)} | ZRANGEBYLEX z [m3 (m5 LIMIT 10 20 | ZREVRANGEBYLEX z [m5 [m4 | ZLEXCOUNT z (m1 [m8
    ZREMRANGEBYLEX z [m2 [m6 | ZCARD z | ZRANGE z 0 -1 | ZLEXCOUNT z - + | ZREMRANGEBYLEX z - (m7 | ZRANGE z 0 -1
  `,
  "a set of hundreds that is copied": `
    ${numbers(600)} | COPY z c | ZREM z m1 m2 m3 | ZADD c 5 new | ZCARD z | ZCARD c | ZRANGE c 0 -1 | ${all} | RENAME c z
    ZCARD z
  `,
  "wrong types": `
    SET s x | ZADD s 1 a | ZADD s x a | ZINCRBY s 1 a | ZREM s a | ZCARD s | ZSCORE s a | ZMSCORE s a | ZRANK s a | ZREVRANK s a
    ZCOUNT s 0 1 | ZCOUNT s x 1 | ZLEXCOUNT s - + | ZLEXCOUNT s x + | ZRANGE s 0 1 | ZRANGE s x 1 | ZRANGE s 0 1 FOO
    ZRANGEBYLEX s - + | ZRANGESTORE d s 0 1 | ZREMRANGEBYRANK s 0 1 | ZREMRANGEBYRANK s x 1 | ZREMRANGEBYSCORE s 0 1
    ZREMRANGEBYLEX s - + | ZPOPMIN s | ZPOPMIN s 0 | ZPOPMIN s x | ZMPOP 1 s MIN | ZUNION 1 s | ZINTERCARD 1 s
    ZDIFFSTORE d 1 s | ZRANDMEMBER s | ZRANDMEMBER s 0 | ZRANDMEMBER s x | ZSCAN s 0 | ZSCAN s x
  `,
  "wrong types the other way": `${abc} | GET z | SADD z a | APPEND z x | SISMEMBER z a | TYPE z`,
  "members of any bytes": `
    ZADD z 1 \x00␍␊\xff 2 '' 3 \xe9 | ${all} | ZSCORE z '' | ZREM z \x00␍␊\xff '' | ${all} | ZADD '' 1 x
    ZRANGE '' 0 -1
  `,
  "an emptied set is no key": `
    ${abc} | EXPIRE z 100 | ZREM z a b c | ZADD z 1 a | TTL z | EXPIRE z 100 | ZADD z 2 b | TTL z | ZPOPMIN z 2 | EXISTS z
    DBSIZE
  `,
};

describe("sorted sets agree with Redis", () => {
  let redis: Differential;
  beforeAll(async () => {
    redis = await Differential.start([...sortedSetCommands, ...setCommands, ...stringCommands, ...genericCommands]);
  });
  afterAll(() => redis.stop());

  test("in what COMMAND INFO says", () => redis.agreeOnSpecs(sortedSetCommands));

  for (const [name, commands] of Object.entries(sequences)) {
    test(name, () => redis.agree(sequence(commands), { events: true }));
    test(`${name}, in RESP3`, () => redis.agree(sequence(commands), { resp: 3 }));
  }
});
