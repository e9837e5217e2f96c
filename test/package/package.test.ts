import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { doors, manifest, projectFiles } from "../house/project.ts";
import { freshFolder, install, pack, remove, run, type Tarball, tool } from "./consumer.ts";

// Compilers and checkers of packages are run here, next to all the other tests.
vi.setConfig({ testTimeout: 60_000 });

const peers = Object.keys(manifest.peerDependencies);
const names: readonly string[] = [...doors.keys()].map((subpath) => `${manifest.name}${subpath.slice(1)}`);
const adapters = names.filter((name) => name.startsWith("redlua/client/"));

let folder: string;
let tarball: Tarball;

beforeAll(async () => {
  folder = await freshFolder();
  tarball = await pack(folder);
  await install(tarball, join(folder, "bare"), []);
  await install(tarball, join(folder, "full"), [...peers, "@types/node", "undici-types"]);
});

afterAll(() => remove(folder));

describe("the tarball", () => {
  const sources = projectFiles()
    .map((file) => file.path)
    .filter((path) => /^src\/.*\.(?:ts|lua)$/.test(path) && !/\.test(?:-d)?\.ts$|\/fixtures\//.test(path));

  test("holds the source without its tests, what was built from it, the page about it, the licence and the changes", () => {
    const built = sources
      .filter((path) => path.endsWith(".ts"))
      .map((path) => path.replace(/^src\//, "dist/").replace(/\.ts$/, ""))
      .flatMap((path) => [`${path}.js`, `${path}.js.map`, `${path}.d.ts`, `${path}.d.ts.map`]);
    const expected = ["CHANGELOG.md", "LICENSE", "README.md", "package.json", ...sources, ...built];
    expect(tarball.files).toEqual(expected.sort());
  });

  test("is small", () => {
    // 1.6 MB with sources and maps, a third of it the embedded engine.
    expect(tarball.size).toBeLessThan(2_000_000);
  });

  test("holds the program that it promises", () => {
    expect(tarball.files).toEqual(expect.arrayContaining(Object.values(manifest.bin).map((path) => path.replace("./", ""))));
  });

  test("pleases publint", async () => {
    expect(await run(tool("publint"), ["run", tarball.path, "--strict"], folder)).toMatchObject({
      code: 0,
      output: expect.stringContaining("All good!"),
    });
  });

  test("has types that every resolution finds, says attw", async () => {
    const found = await run(tool("attw"), [tarball.path, "--profile", "esm-only", "--no-color", "--no-definitely-typed"], folder);
    expect(found).toMatchObject({ code: 0, output: expect.stringContaining('"redlua/core"') });
  });
});

const load = {
  imported: "Object.keys(await import(name))",
  required: "Object.keys(require(name))",
};

/** Loads modules one after the other in a new process. Answers what each exports, or how it failed. */
async function loadAll(project: string, how: keyof typeof load, modules: readonly string[]): Promise<Record<string, unknown>> {
  const program = `
    const require = (await import("node:module")).createRequire(process.cwd() + "/x.js");
    const loaded = {};
    for (const name of ${JSON.stringify(modules)}) {
      try { loaded[name] = ${load[how]}; } catch (error) { loaded[name] = String(error); }
    }
    console.log("loaded:" + JSON.stringify(loaded));`;
  const { output } = await run(process.execPath, ["--input-type=module", "--eval", program], join(folder, project));
  return JSON.parse(/^loaded:(.*)$/m.exec(output)?.[1] ?? JSON.stringify({ output }));
}

const exported = expect.arrayContaining([expect.stringMatching(/^\w+$/)]);

describe.each(Object.keys(load) as (keyof typeof load)[])("every module can be %s", (how) => {
  test("with the clients installed", async () => {
    expect(await loadAll("full", how, names)).toEqual(Object.fromEntries(names.map((name) => [name, exported])));
  });

  test("without them, but for the adapters that stand on them", async () => {
    const independent = names.filter((name) => !adapters.includes(name));
    expect(await loadAll("bare", how, independent)).toEqual(Object.fromEntries(independent.map((name) => [name, exported])));
  });

  test("and one that is not there fails by name", async () => {
    expect(await loadAll("bare", how, ["redlua/gone", "redlua/dist/index.js"])).toEqual({
      "redlua/gone": expect.stringContaining("ERR_PACKAGE_PATH_NOT_EXPORTED"),
      "redlua/dist/index.js": expect.stringContaining("ERR_PACKAGE_PATH_NOT_EXPORTED"),
    });
  });
});

describe("the program", () => {
  const program = (project: string): string => join(folder, project, "node_modules", "redlua", manifest.bin["redlua"] ?? "");

  test("says its version, with no client installed", async () => {
    expect(await run(program("bare"), ["--version"], join(folder, "bare"))).toMatchObject({
      code: 0,
      output: `${manifest.version}\n`,
    });
  });

  test("writes typed scripts that hold in the project that wants them", async () => {
    const project = join(folder, "full");
    await mkdir(join(project, "stock"));
    await writeFile(join(project, "stock", "take.lua"), script);
    expect(await run(program("full"), ["gen", "stock"], project)).toMatchObject({ code: 0 });
    await writeFile(join(project, "stock", "use.ts"), 'export { take } from "./scripts.gen.js";\n');
    await writeFile(
      join(project, "stock", "tsconfig.json"),
      JSON.stringify({ compilerOptions: strict("nodenext", "nodenext"), files: ["use.ts"] }),
    );
    expect(await run(tool("tsc"), ["-p", join(project, "stock")], folder)).toMatchObject({ code: 0, output: "" });
  });
});

test("a program that forgets to stop its server for tests ends all the same, and leaves nothing", async () => {
  const program = `
    import { connect } from "redlua";
    import { startRedis } from "redlua/testing";
    const server = await startRedis({ tcp: true });
    const redis = await connect(server.url);
    console.log(server.socket, await redis.send(["PING"], { resend: "ok" }));
    await redis.close();`;
  const { REDLUA_TEST_ENGINE: _, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: join(folder, "full"),
    env,
    timeout: 20_000,
  });
  const [socket = "", answer] = stdout.trim().split(" ");
  expect(answer).toBe("PONG");
  await expect.poll(() => existsSync(dirname(socket)), { interval: 5, timeout: 10_000 }).toBe(false);
});

const script = `--- Take from the stock what is there.
---
--- @key    stock  string   how many are left
--- @arg    want   integer  how many to take
--- @reply  integer         how many were taken
--- @writes once
local stock, want = KEYS[1], tonumber(ARGV[1])
local left = tonumber(redis.call("GET", stock) or "0")
local taken = math.min(left, want)
redis.call("DECRBY", stock, taken)
return taken
`;

/** Compiler options of a project that checks the libraries it uses as well. */
function strict(module: string, moduleResolution: string): Readonly<Record<string, unknown>> {
  const target = { module, moduleResolution, target: "es2022", lib: ["es2023", "esnext.disposable"] };
  return { ...target, strict: true, noEmit: true, types: ["node"], skipLibCheck: false };
}

describe.each([
  ["nodenext", "nodenext"],
  ["esnext", "bundler"],
])("a project with module %s and resolution %s", (module, moduleResolution) => {
  /** Type-checks one file of the project. Answers what the compiler complains of. */
  async function check(name: string, text: string): Promise<string> {
    const project = join(folder, "full", `${name}-${moduleResolution}.json`);
    await writeFile(join(folder, "full", `${name}-${moduleResolution}.ts`), text);
    await writeFile(
      project,
      JSON.stringify({ compilerOptions: strict(module, moduleResolution), files: [`${name}-${moduleResolution}.ts`] }),
    );
    return (await run(tool("tsc"), ["-p", project], folder)).output;
  }

  const all = names.map(
    (name, index) => `import * as part${index} from "${name}";\nexport const keys${index} = Object.keys(part${index});\n`,
  );

  test("finds the types of every module, and they hold", async () => {
    expect(await check("all", all.join(""))).toBe("");
  });

  test("gets types that mean something", async () => {
    const use = 'import { backoff } from "redlua/core";\n';
    expect(await check("right", `${use}export const wait: number = backoff({ base: "1s" })(1);\n`)).toBe("");
    expect(await check("wrong", `${use}export const wait: string = backoff({ base: "soon" })(1);\n`)).toMatch(
      /TS2322[\s\S]*TS2322/,
    );
  });
});
