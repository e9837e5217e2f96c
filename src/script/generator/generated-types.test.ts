import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { generate } from "./index.ts";

const root: string = fileURLToPath(new URL("../../../", import.meta.url));
const folder: string = mkdtempSync(join(tmpdir(), "redlua-types-"));
let generated: string;

beforeAll(() => {
  const options = { importFrom: "redlua/script" };
  generated = generate([fileURLToPath(new URL("fixtures/accepted", import.meta.url))], options).files[0]?.text ?? "";
  const paths = { "redlua/script": [join(root, "src/script/index.ts")] };
  const compilerOptions = { paths, typeRoots: [join(root, "node_modules/@types")], skipLibCheck: true };
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ extends: join(root, "tsconfig.json"), compilerOptions, include: ["*.ts"] }),
  );
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

// Each generated interface, and what defineScript infers from the schema beside it, are one type.
const same = `
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type Inferred<S> = S extends Script<infer C> ? C : never;
export const checks: readonly [
  Same<Inferred<typeof acquire>, Acquire>, Same<Inferred<typeof addMany>, AddMany>, Same<Inferred<typeof drain>, Drain>,
  Same<Inferred<typeof exceptions>, Exceptions>, Same<Inferred<typeof narrow>, Narrow>, Same<Inferred<typeof oddText>, OddText>, Same<Inferred<typeof peek>, Peek>,
  Same<Inferred<typeof settle>, Settle>,
] = [true, true, true, true, true, true, true, true];
`;

test("what is generated compiles, and its interfaces are what its schemas say", () => {
  const inferred = generated.replace(/^(export const \w+): Script<\w+> =/gm, "$1 =");
  expect(inferred).not.toBe(generated);
  expect(
    compile({ "scripts.gen.ts": generated, "inferred.ts": inferred + same }, [
      "--isolatedDeclarations",
      "false",
      "--declaration",
      "false",
    ]),
  ).toEqual([]);
});

test("an interface that says something else than its schema does not compile", () => {
  const wrong = generated.replace(
    "readonly token: bigint; readonly untilMs: number",
    "readonly token: number; readonly untilMs: number",
  );
  expect(wrong).not.toBe(generated);
  expect(compile({ "scripts.gen.ts": wrong })).toEqual([expect.stringMatching(/scripts\.gen\.ts.*accepted\.acquire/)]);
});

test("a misspelt argument, a missing key and an unknown outcome are errors where the script is used", () => {
  const use = `
    import { type Acquire, acquire } from "./scripts.gen.ts";
    export const name: string = acquire.name;
    export const keys: Acquire["keys"] = { lease: "a" };
    export const args: Acquire["args"] = { owner: "me", ttlMss: "30s" };
    export const right: Acquire["args"] = { owner: "me", ttlMs: "30s" };
    export function read(reply: Acquire["reply"]): bigint | undefined {
      return reply.outcome === "granted" ? reply.token : reply.outcome === "taken" ? undefined : undefined;
    }`;
  const found = compile({ "scripts.gen.ts": generated, "use.ts": use });
  expect(found.map((line) => /use\.ts\((\d+),/.exec(line)?.[1])).toEqual(["4", "5", "8"]);
});

function compile(files: Readonly<Record<string, string>>, options: readonly string[] = []): readonly string[] {
  rmSync(join(folder, "inferred.ts"), { force: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const { stdout, error } = spawnSync(process.execPath, [tsc, "--noEmit", "-p", folder, ...options], { encoding: "utf8" });
  if (error !== undefined) throw error;
  return stdout.split("\n").filter((line) => line.includes("error TS"));
}
