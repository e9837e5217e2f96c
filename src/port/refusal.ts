import { ClientError } from "./errors.ts";

/** What a server says before it has run anything. */
const refusedBefore = new Set(
  [
    "NOSCRIPT MOVED ASK CROSSSLOT TRYAGAIN CLUSTERDOWN MASTERDOWN LOADING READONLY BUSY OOM MISCONF NOREPLICAS",
    "NOPERM NOAUTH WRONGPASS NOPROTO EXECABORT",
  ]
    .join(" ")
    .split(" "),
);

/** What a plain command says before it writes. Of a script it says nothing: that may hand on what `redis.pcall` caught, unmarked. */
const refusedByCommand = new Set("WRONGTYPE BUSYGROUP BUSYKEY NOGROUP NOTBUSY UNKILLABLE INVALIDOBJ".split(" "));

/** Commands whose work is a program: an error of theirs may come after some of it was done. */
const programs = new Set(["EVAL", "EVALSHA", "FCALL", "EXEC"]);

/** Errors of a running script say where they come from: since Redis 7 with `script: <sha>`, before it with `user_script:1`. */
const raisedInside = /\bscript: |executing the script|user_script:|user_function:|\(call to f_/;

/** Said of a script that was not even begun, and by no command in one. */
const notBegun =
  /^ERR (?:Error compiling|unknown command|wrong number of arguments for '(?:eval|fcall)|Number of keys|Function not found)/i;

/**
 * A refusal by the server, as an error that says whether something may have been changed.
 *
 * @param text what the server said, word for word
 * @param command name of the command, in capitals
 */
export function refusal(text: string, command: string, cause: unknown): ClientError {
  const end = text.indexOf(" ");
  const word = end === -1 ? text : text.slice(0, end);
  return new ClientError("CLIENT_REPLY", text, {
    applied: mayHaveApplied(text, word, command) ? "maybe" : "no",
    reply: word,
    cause,
  });
}

function mayHaveApplied(text: string, word: string, command: string): boolean {
  // Redis refuses a script for want of memory at its first write, and once it has written lets it finish.
  if (notBegun.test(text) || word === "OOM") return false;
  if (raisedInside.test(text)) return true;
  if (refusedBefore.has(word)) return false;
  // A plain command checks before it writes, and says ERR. A script's own error_reply carries any word, with no mark of where.
  return programs.has(command) || !(word === "ERR" || refusedByCommand.has(word));
}
