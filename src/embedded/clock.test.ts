import { expect, onTestFinished, test, vi } from "vitest";
import { systemClock } from "./clock.ts";

test("the clock of the engine follows the machine's when that is set, or has slept", () => {
  const machine = vi.spyOn(Date, "now");
  onTestFinished(() => machine.mockRestore());
  const began = Date.now();
  for (const at of [began + 3_600_000, began - 3_600_000, began + 100]) {
    machine.mockReturnValue(at);
    expect(Math.abs(systemClock.now() - at)).toBeLessThan(20);
  }
});
