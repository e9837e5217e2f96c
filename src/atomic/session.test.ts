import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { neverAsked } from "../../test/support/never-asked.ts";
import { run } from "../script/index.ts";
import { keysOf, type OpenPlace, openCluster, refusal, servers, ttlOf, usePlace } from "./fixtures/index.ts";
import { type LiveSession, Session } from "./index.ts";
import { sessionKeys } from "./keys.ts";
import { createSession } from "./scripts.gen.ts";

const minute = 60_000;
const hour = 60 * minute;
const idle = hour;
const absolute = 2 * hour;
const touchEvery = 10 * minute;
const grace = 2 * minute;

interface Data {
  readonly a?: number;
  readonly b?: string;
}

/** A session as one would keep it in a map. */
interface Naive {
  user: string | null;
  data: Data;
  version: number;
  createdAt: number;
  touchedAt: number;
  expiresAt: number;
  endsAt: number;
  destroyed?: boolean;
  rotated?: { readonly next: string; readonly until: number };
}

const who = fc.nat({ max: 2 });
const changes = fc.record({ a: fc.option(fc.nat({ max: 3 })), b: fc.option(fc.constantFrom("x", "y")) }, { requiredKeys: [] });
const step = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("create" as const), user: fc.constantFrom("ada", "bob", undefined), a: fc.nat() }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("get" as const), who, touch: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("update" as const), who, changes, stale: fc.constantFrom(undefined, 0, 1) }),
  },
  fc.record({ do: fc.constant("destroy" as const), who }),
  fc.record({ do: fc.constant("rotate" as const), who }),
  fc.record({ do: fc.constant("destroyAll" as const), user: fc.constantFrom("ada", "bob"), except: fc.option(who) }),
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      ms: fc.constantFrom(1, grace - 1, touchEvery, idle - minute, idle, 3 * hour),
    }),
  },
);

describeSession("over ioredis", servers.ioredis, 120);
describeSession("over node-redis", servers["node-redis"], 10);
describeSession("over memory:", servers["memory:"], 10);
describeSession("on a cluster of three nodes", openCluster, 10);

/** @param runs how many random histories are played */
function describeSession(name: string, open: OpenPlace, runs: number): void {
  describe(name, () => {
    const place = usePlace(open);
    const make = (options: object = {}): Session<Data> =>
      new Session<Data>(place.redis, { idle, absolute, touchEvery, grace, ...options });

    test("sessions live, change and end as those in a map do whose clock is moved", async () => {
      let history = 0;
      const property = fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
        const clock = { now: 1_700_000_000_000 };
        const sessions = make({ name: `s${history++}`, now: () => clock.now, shards: 3 });
        const held = new Map<string, Naive>();
        const ids: string[] = [];
        const find = (id: string | undefined): [string, Naive] | undefined => {
          let at = id;
          for (let hop = 0; hop < 3 && at !== undefined; hop++) {
            const session = held.get(at) as Naive;
            if (session.destroyed) return undefined;
            if (session.rotated === undefined) return session.expiresAt > clock.now ? [at, session] : undefined;
            at = session.rotated.until > clock.now ? session.rotated.next : undefined;
          }
          return undefined;
        };
        const touch = (session: Naive): void => {
          session.touchedAt = clock.now;
          session.expiresAt = Math.min(clock.now + idle, session.endsAt);
        };
        const shown = (found: [string, Naive] | undefined): LiveSession<Data> | null => {
          if (found === undefined) return null;
          const { destroyed: _, rotated: __, ...facts } = found[1];
          return { id: found[0], ...facts, expiresInMs: facts.expiresAt - clock.now };
        };
        const unknown = `0.${"x".repeat(32)}`;
        for (const what of steps) {
          // Redis' own clock is not moved: a key must not have so little time left that it passes while the test runs.
          for (const { expiresAt, rotated } of held.values()) {
            for (const end of [expiresAt, rotated?.until ?? 0]) if (end > clock.now && end - clock.now < 10_000) clock.now = end;
          }
          const id = "who" in what ? (ids[what.who] ?? unknown) : unknown;
          const found = held.has(id) ? find(id) : undefined;
          if (what.do === "wait") clock.now += what.ms;
          else if (what.do === "create") {
            const session = await sessions.create({ data: { a: what.a }, ...(what.user !== undefined && { user: what.user }) });
            const naive = {
              user: what.user ?? null,
              data: { a: what.a },
              version: 1,
              createdAt: clock.now,
              endsAt: clock.now + absolute,
            };
            held.set(session.id, { ...naive, touchedAt: clock.now, expiresAt: clock.now + idle });
            ids.unshift(session.id);
            expect(session).toEqual(shown(find(session.id)));
          } else if (what.do === "get") {
            if (found !== undefined && what.touch && clock.now - found[1].touchedAt >= touchEvery) touch(found[1]);
            expect(await sessions.get(id, { touch: what.touch })).toEqual(shown(found));
          } else if (what.do === "update") {
            const given = Object.fromEntries(
              Object.entries(what.changes).map(([field, value]) => [field, value ?? undefined]),
            ) as Data;
            const options = what.stale === undefined ? {} : { version: (found?.[1].version ?? 1) + what.stale };
            const reply = await sessions.update(id, given, options);
            if (found === undefined) expect(reply).toEqual({ updated: false, reason: "ended" });
            else if (what.stale === 1) expect(reply).toEqual({ updated: false, reason: "conflict", current: shown(found) });
            else {
              const data = Object.entries({ ...found[1].data, ...given }).filter(([, value]) => value !== undefined);
              Object.assign(found[1], { data: Object.fromEntries(data), version: found[1].version + 1 });
              touch(found[1]);
              expect(reply).toEqual({ updated: true, session: shown(found) });
            }
          } else if (what.do === "destroy") {
            let last = id;
            for (let hop = 0; hop < 2; hop++) {
              const { rotated } = held.get(last) ?? {};
              if (rotated !== undefined && rotated.until > clock.now) last = rotated.next;
            }
            expect(await sessions.destroy(id)).toBe(found !== undefined || held.get(last)?.destroyed === true);
            if (found !== undefined) found[1].destroyed = true;
          } else if (what.do === "rotate") {
            const session = await sessions.rotate(id);
            if (found === undefined) expect(session).toBeNull();
            else {
              const [old, naive] = found;
              if (old === id) {
                const next = (session as LiveSession<Data>).id;
                expect(held.has(next)).toBe(false);
                held.set(next, { ...naive });
                naive.rotated = { next, until: clock.now + grace };
                ids.push(next);
              }
              expect(session).toEqual(shown(find(id) ?? found));
            }
          } else {
            const except = what.except === null ? undefined : ids[what.except];
            const stays = except === undefined ? undefined : find(except)?.[0];
            const mine = [...held].filter(([each, { user }]) => user === what.user && find(each)?.[0] === each && each !== stays);
            const ended = await sessions.destroyAll(what.user, except === undefined ? {} : { except });
            expect(ended).toBe(mine.length);
            for (const [, naive] of mine) naive.destroyed = true;
          }
          for (const user of ["ada", "bob"]) {
            const live = [...held]
              .filter(([each, naive]) => naive.user === user && find(each)?.[0] === each)
              .map(([each]) => each);
            expect((await sessions.list(user)).map((each) => each.id).sort()).toEqual(live.sort());
          }
        }
      });
      await fc.assert(property, { numRuns: runs });
    });

    test("a write that comes after the end is refused, however many there are", async () => {
      const sessions = make();
      const { id } = await sessions.create({ user: "ada", data: { a: 1 } });
      const late = Array.from({ length: 200 }, (_, index) => [
        sessions.get(id),
        sessions.update(id, { a: index }),
        ...(index === 100 ? [sessions.destroy(id)] : []),
      ]).flat();
      await Promise.all(late);
      expect(await sessions.update(id, { a: 7 })).toEqual({ updated: false, reason: "ended" });
      expect(await sessions.get(id)).toBeNull();
      expect(await sessions.list("ada")).toEqual([]);
      expect(await sessions.destroy(id)).toBe(true);
    });

    test("200 writers of different fields do not undo each other, and of 200 with one version one wins", async () => {
      const sessions = new Session<Record<string, number>>(place.redis);
      const { id, version } = await sessions.create({ user: "ada" });
      await Promise.all(Array.from({ length: 200 }, (_, index) => sessions.update(id, { [`f${index}`]: index })));
      const session = (await sessions.get(id)) as LiveSession<Record<string, number>>;
      expect(Object.keys(session.data)).toHaveLength(200);
      expect(session.version).toBe(version + 200);
      const wave = Array.from({ length: 200 }, (_, index) =>
        sessions.update(id, { winner: index }, { version: session.version }),
      );
      expect((await Promise.all(wave)).filter(({ updated }) => updated)).toHaveLength(1);
    });

    test("rotations at once give one new id, and the old one is worth nothing after its grace", async () => {
      const clock = { now: 1_700_000_000_000 };
      const sessions = make({ now: () => clock.now });
      const { id } = await sessions.create({ user: "ada", data: { a: 1 } });
      const rotated = await Promise.all(Array.from({ length: 20 }, () => sessions.rotate(id)));
      const [next, ...others] = new Set(rotated.map((session) => session?.id));
      expect([next === id, others]).toEqual([false, []]);
      expect(await sessions.update(id, { a: 2 })).toMatchObject({ updated: true, session: { id: next, data: { a: 2 } } });
      clock.now += grace;
      expect(await sessions.get(id)).toBeNull();
      expect(await sessions.destroy(id)).toBe(false);
      expect((await sessions.get(next as string))?.data).toEqual({ a: 2 });
    });

    test("an old id leads over two rotations, and over three is worth nothing", async () => {
      const sessions = make();
      const ids = [(await sessions.create({ user: "ada" })).id];
      for (let turn = 0; turn < 3; turn++) ids.push((await sessions.rotate(ids.at(-1) as string))?.id as string);
      expect(await Promise.all(ids.map(async (id) => (await sessions.get(id))?.id))).toEqual([undefined, ids[3], ids[3], ids[3]]);
    });

    test("a log-out-all ends hundreds, and spares the one that asked for it, by its old id too", async () => {
      const sessions = make();
      const all = await Promise.all(Array.from({ length: 450 }, () => sessions.create({ user: "ada" })));
      const bob = await sessions.create({ user: "bob" });
      const mine = (all[7] as LiveSession<Data>).id;
      const next = (await sessions.rotate(mine))?.id;
      expect(await sessions.destroyAll("ada", { except: mine })).toBe(449);
      expect((await sessions.list("ada")).map(({ id }) => id)).toEqual([next]);
      expect(await sessions.destroyAll("ada")).toBe(1);
      expect(await sessions.destroyAll("ada")).toBe(0);
      expect(await sessions.get(bob.id)).not.toBeNull();
    });

    test("a creation that is sent twice begins one session, and none that was ended in between", async () => {
      const { redis } = place;
      const keys = sessionKeys("session", 0);
      const id = `0.${"x".repeat(32)}`;
      const args = { id, user: "ada", idleMs: idle, absoluteMs: absolute, now: 1_700_000_000_000, fields: { "d:a": "1" } };
      const sessions = make({ now: () => args.now, shards: 1 });
      const first = await run(redis, createSession, keys, args);
      await sessions.update(id, { a: 2 });
      const second = await run(redis, createSession, keys, args);
      expect([first.outcome, second.outcome]).toEqual(["created", "created"]);
      expect((await sessions.get(id))?.data).toEqual({ a: 2 });
      await sessions.destroy(id);
      expect(await run(redis, createSession, keys, args)).toEqual({ outcome: "ended" });
      expect(await sessions.get(id)).toBeNull();
    });

    test("its keys live as long as it may, and no longer", async () => {
      const { redis } = place;
      const sessions = make({ absolute: "90m", touchEvery: 0 });
      const { id } = await sessions.create({ user: "ada" });
      for (const key of await keysOf(redis)) expect(Math.ceil((await ttlOf(redis, key)) / hour)).toBe(1);
      await sessions.rotate(id);
      await sessions.destroyAll("ada");
      for (const key of await keysOf(redis)) expect(await ttlOf(redis, key)).toBeLessThanOrEqual(7 * minute);
    });

    test("what is no id of a session is none, and Redis is not asked for it", async () => {
      const sessions = new Session(neverAsked);
      for (const id of ["", "x", "0.short", `0.${"x".repeat(31)}}`, 7, undefined]) {
        expect(await sessions.get(id as never)).toBeNull();
        expect(await sessions.rotate(id as never)).toBeNull();
        expect(await sessions.destroy(id as never)).toBe(false);
        expect(await sessions.update(id as never, {})).toEqual({ updated: false, reason: "ended" });
      }
    });
  });
}

test("what cannot be used is refused before Redis is asked", async () => {
  const unset = (count: number): object => Object.fromEntries(Array.from({ length: count }, (_, index) => [index, undefined]));
  const redis = neverAsked;
  const sessions = new Session(redis);
  const refused: readonly [() => Promise<unknown>, string][] = [
    [async () => new Session(redis, { idel: "1h" } as never), "OPTION_UNKNOWN Session.idel"],
    [async () => new Session(redis, { idle: "1m", touchEvery: "1m" }), "OPTION_INVALID Session.touchEvery"],
    [async () => new Session(redis, { name: "a}b" }), "INPUT_INVALID Session.name"],
    [() => sessions.create({ data: [] as never }), "OPTION_INVALID Session.create.data"],
    [() => sessions.create({ data: { f: () => 1 } }), "INPUT_INVALID data.f"],
    [() => sessions.update(`0.${"x".repeat(32)}`, unset(1_001)), "INPUT_INVALID data"],
    [() => sessions.create({ user: "" }), "OPTION_INVALID Session.create.user"],
    [() => sessions.list(""), "INPUT_INVALID user"],
    [() => sessions.destroyAll(7 as never), "INPUT_INVALID user"],
  ];
  for (const [attempt, expected] of refused) {
    const { code, field } = (await refusal(attempt())) as { readonly code: string; readonly field: string };
    expect(`${code} ${field}`).toBe(expected);
  }
});
