import { summary, withFailure } from "./summary.mjs";

/**
 * A Vitest reporter beside the default one: the very last line of a run is its counts.
 *
 * Under `scripts/test.mjs`, which adds its own checks and prints the line, it hands the counts over instead.
 */
export default class ClosingLine {
  #last;

  onTestRunEnd(modules, unhandled) {
    const counts = { passed: 0, failed: unhandled.length, skipped: 0 };
    for (const module of modules) {
      // An error outside any test: a file that cannot be loaded, a hook of the file that throws.
      if (module.errors().length > 0) counts.failed++;
      for (const test of module.children.allTests()) counts[test.result().state]++;
    }
    if (process.send) return void process.send({ redlua: "counts", counts });
    // While watching there are many runs, and one exit.
    if (this.#last === undefined) process.once("exit", (code) => this.#close(code));
    this.#last = counts;
  }

  #close(code) {
    console.log(summary(code === 0 ? this.#last : withFailure(this.#last)));
  }
}
