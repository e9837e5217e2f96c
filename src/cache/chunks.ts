import { InvalidInputError, show } from "../core/index.ts";

/** Keys in flight at once in `getMany` and the like. */
const chunk = 1_000;

/** Does one thing with each of many, so many at once. */
export async function inChunks<Item, Result>(items: Iterable<Item>, each: (item: Item) => Promise<Result>): Promise<Result[]> {
  if (typeof items === "string") {
    throw new InvalidInputError("INPUT_INVALID", "keys", `Several keys are a list, not text: [${show(items)}] is one key.`);
  }
  const all = [...items];
  const results: Result[] = [];
  for (let at = 0; at < all.length; at += chunk) results.push(...(await Promise.all(all.slice(at, at + chunk).map(each))));
  return results;
}
