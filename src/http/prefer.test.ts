import { expect, test } from "vitest";
import { appliedPreferences, readPrefer } from "./prefer.ts";

test.each([
  [null, false, undefined],
  ["respond-async", true, undefined],
  ["Respond-Async, WAIT=10", true, 10],
  ['wait = "7"', false, 7],
  ["wait=5; x=y, wait=9", false, 5],
  ["handling=lenient, wait=0", false, 0],
  ["wait", false, undefined],
  ["wait=soon, wait=3", false, 3],
  ["wait=-1", false, undefined],
  ["wait=1.5", false, undefined],
  ["wait=99999999999", false, undefined],
  [",;=,, wait=2", false, 2],
  ['foo="a, wait=2", wait=3', false, 3],
  ['foo="a \\", wait=2"', false, undefined],
  ['foo="a, wait=4', false, 4],
])("%s", (header, respondAsync, waitSeconds) => {
  expect(readPrefer(header)).toEqual({ respondAsync, waitSeconds });
});

test("what was applied is said in the words of the standard", () => {
  expect(appliedPreferences({ respondAsync: false, waitSeconds: undefined })).toEqual({});
  expect(appliedPreferences({ respondAsync: true, waitSeconds: 10 })).toEqual({ "preference-applied": "respond-async, wait=10" });
});
