/** A blocking command as if it had been sent for one of its keys alone. What is not known to name several is left as it is. */
export function narrowed(name: string, args: readonly string[], key: string): readonly string[] {
  switch (name) {
    case "blpop":
    case "brpop":
    case "bzpopmin":
    case "bzpopmax":
      return [args[0] as string, key, args.at(-1) as string];
    case "blmpop":
    case "bzmpop":
      return [...args.slice(0, 2), "1", key, ...args.slice(3 + Number(args[2]))];
    case "xread":
    case "xreadgroup":
      return narrowedStreams(args, key);
    default:
      return args;
  }
}

/** `… STREAMS key… id…`: as many ids as keys. */
function narrowedStreams(args: readonly string[], key: string): readonly string[] {
  let first = name(args) === "xreadgroup" ? 4 : 1;
  while (first < args.length && (args[first] as string).toLowerCase() !== "streams") first++;
  first++;
  const count = (args.length - first) / 2;
  const at = args.indexOf(key, first);
  if (at === -1 || at >= first + count) return args;
  return [...args.slice(0, first), key, args[at + count] as string];
}

function name(args: readonly string[]): string {
  return (args[0] as string).toLowerCase();
}
