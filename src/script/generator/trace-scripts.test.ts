import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { generate, traceScripts } from "./index.ts";

const folder = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Every place of every script at which a word or a sign begins, with the word in the script and in the file that it is traced to. */
function* words(folders: readonly string[]) {
  for (const { name, lua, trace } of traceScripts(folders)) {
    for (const [index, text] of Buffer.from(lua).toString("latin1").split("\n").entries()) {
      for (const { 0: word, index: at } of text.matchAll(/\w+|[^\s\w]/g)) {
        const place = trace(index + 1, at + 1);
        const line = place === undefined ? undefined : readFileSync(place.file, "latin1").split("\n")[place.line - 1];
        const found = line?.slice((place?.column ?? 0) - 1, (place?.column ?? 0) - 1 + word.length);
        yield { name, line: index + 1, word, found, file: place?.file };
      }
    }
  }
}

test.each(["fixtures/accepted/", "../../jobs/", "../../rate-limit/", "../../cache/"])(
  "every word of every script below %s is found in the file that it comes from",
  (path) => {
    const all = [...words([folder(path)])];
    expect(all.length).toBeGreaterThan(500);
    expect(all.filter(({ word, found }) => word !== found)).toEqual([]);
  },
);

test("what was included is traced to the include, through includes of includes", () => {
  const files = new Set<string>();
  for (const { name, file } of words([folder("../../rate-limit/")])) {
    if (name === "rate-limit.consume") files.add(file?.replace(/.*src\//, "") ?? "");
  }
  expect([...files]).toEqual(
    expect.arrayContaining(["rate-limit/consume.lua", "rate-limit/lua/decide.lua", "rate-limit/lua/log.lua", "lua/now.lua"]),
  );
});

test("the SHA is that of what is generated, and a place beyond the text is none", () => {
  const [script] = traceScripts([folder("fixtures/accepted/")]);
  const [generated] = generate([folder("fixtures/accepted/")], { importFrom: "redlua/script" }).files;
  expect(generated?.text).toContain(`name: "${script?.name}"`);
  expect(script?.sha).toBe(
    createHash("sha1")
      .update(script?.lua ?? "")
      .digest("hex"),
  );
  expect([script?.trace(1_000, 1), script?.trace(1, 1)]).toEqual([undefined, undefined]);
});

test("what would be refused is left out, and a folder that is not there is an error", () => {
  expect(traceScripts([folder("fixtures/refused/")])).toEqual([]);
  expect(() => traceScripts([folder("nowhere/")])).toThrow("There is no folder");
});
