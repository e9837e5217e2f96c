import { expect, test } from "vitest";
import { nextWarning } from "../../test/support/next-warning.ts";
import { Emitter } from "./emitter.ts";

interface Events {
  readonly opened: number;
  readonly closed: number;
}

const emitter = (): Emitter<Events> => new Emitter<Events>("door", { opened: true, closed: true });

test("a listener hears the events of its name until it is taken off", () => {
  const events = emitter();
  const heard: number[] = [];
  const off = events.on("opened", (at) => heard.push(at));
  events.emit("opened", 1);
  events.emit("closed", 2);
  off();
  events.emit("opened", 3);
  expect(heard).toEqual([1]);
});

test("an event that there is not is refused, with the one that was probably meant", () => {
  const events = emitter();
  expect(() => events.on("open" as "opened", () => {})).toThrow('door has no event "open". Did you mean "opened"?');
  expect(() => events.on("rung" as "opened", () => {})).toThrow('door has no event "rung". There are: opened, closed.');
  expect(() => events.on("opened", undefined as never)).toThrow('A listener of "opened" must be a function, not undefined.');
});

test("a listener that throws what no text can be made of harms nobody either", async () => {
  const events = emitter();
  const warned = nextWarning("of door threw");
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const heard: number[] = [];
  events.on("opened", () => {
    throw proxy;
  });
  events.on("opened", (at) => heard.push(at));
  events.emit("opened", 1);
  expect(heard).toEqual([1]);
  expect((await warned).message).toBe('A listener of "opened" of door threw: something that cannot be shown');
});

test("a listener that throws later, because it is async, does not end the process either", async () => {
  const events = emitter();
  const warned = nextWarning("too late");
  const later: unknown = () => Promise.reject(new Error("too late"));
  events.on("opened", later as (at: number) => void);
  events.emit("opened", 1);
  expect(await warned).toMatchObject({ code: "REDLUA_LISTENER", message: expect.stringContaining("Error: too late") });
});
