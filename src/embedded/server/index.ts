/**
 * The engine on a TCP port: RESP2 and RESP3, for redis-cli and for programs that know nothing of redlua.
 *
 * @module
 */
export { ListenError, type ListenOptions, listen, type RespServer } from "./server.ts";
