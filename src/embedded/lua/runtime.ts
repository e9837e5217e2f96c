import { formatNumber14 } from "../number/index.ts";
import { callable, index, metamethod, setIndex } from "./access.ts";
import { arithmetic, concat, equalByMetatable, length, lessEqual, lessThan, toNumber } from "./arithmetic.ts";
import { asLuaError, LuaError, StepLimitError } from "./error.ts";
import { LuaTable } from "./table.ts";
import { finish, first, many } from "./tail-call.ts";
import { Coroutine, LightUserdata, type LuaFunction, type LuaResult, type LuaValue } from "./value.ts";

/** How many calls from JavaScript into Lua may stand on the stack at once: Lua's limit for calls through C. */
const NESTED_CALLS_MAX = 199;

// Compiled code counts down a small integer; the true budget, which may be endless, is drawn from in slices of this size.
const SLICE = 1_000_000;

/**
 * One Lua state: its globals, the metatable of strings, and the budget of steps.
 *
 * @example
 * const rt = new Runtime();
 * openLibraries(rt);
 * const main = compile("return 1 + 1", "user_script").instantiate(rt, rt.globals);
 * rt.call(main, []); // 2
 */
export class Runtime {
  /** How chunks are compiled that the program loads itself. */
  readonly backend: "source" | "closures";
  /** The table of globals. */
  readonly globals: LuaTable = new LuaTable();
  /** What `("x"):upper()` looks in. */
  stringMetatable: LuaTable | undefined = undefined;
  /** The coroutine that runs; absent in the main program. */
  coroutine: Coroutine | undefined = undefined;
  /** Steps left in this slice. Compiled code takes one at each turn of a loop and each call. */
  steps: number = SLICE;
  /** Calls through library functions, metamethods and coroutines that stand on the stack. */
  nested = 0;
  /** Tail calls since the last that unwound the stack. */
  tails = 0;
  #budget = Number.POSITIVE_INFINITY;
  #onSlice: (() => void) | undefined = undefined;
  readonly #addresses = new WeakMap<object, string>();
  #addressLast = 0x55d0c0de0000;

  constructor(options: { readonly backend?: "source" | "closures" } = {}) {
    this.backend = options.backend ?? "source";
  }

  /**
   * Sets how many steps Lua code may take from now on. When they are used up a {@link StepLimitError} ends it, which `pcall` does
   * not catch.
   */
  limitSteps(steps: number): void {
    this.#budget = steps;
    this.#draw();
  }

  /** Called about every million steps, however many are allowed: a place to look at a clock, and to throw. */
  onSlice(check: (() => void) | undefined): void {
    this.#onSlice = check;
  }

  /** A library function's share: `count` steps of work, such as the characters a pattern looked at. */
  tick(count: number): void {
    this.steps -= count;
    if (this.steps < 0) this.exhausted();
  }

  /** A text that is gone through from end to end is work as well, if it is long. */
  read(bytes: number): void {
    if (bytes > 1023) this.tick(bytes >>> 6);
  }

  /** The slice is used up: draws the next, or ends the script. For compiled code. */
  exhausted(): void {
    this.#budget += Math.min(this.steps, 0);
    this.#onSlice?.();
    if (this.#budget <= 0) throw new StepLimitError();
    this.#draw();
  }

  #draw(): void {
    const slice = Math.min(this.#budget, SLICE);
    this.#budget -= slice;
    this.steps = slice;
  }

  /**
   * Calls a Lua value from JavaScript, as a C function of Lua would.
   *
   * @throws {LuaError} what the function raised; its text is complete if it was raised one level down
   */
  call(callee: LuaValue, args: readonly LuaValue[]): LuaResult {
    this.enter(0);
    try {
      return finish(this.callee(callee)(...args));
    } catch (thrown) {
      const error = asLuaError(thrown);
      if (error instanceof LuaError) error.leave();
      throw error;
    } finally {
      this.nested--;
    }
  }

  /** Calls a metamethod, as the line does that needs it, and gives its first result. */
  callMetamethod(handler: LuaValue, left: LuaValue, right: LuaValue): LuaValue {
    this.enter(1);
    try {
      return first(this.callee(handler)(left, right));
    } catch (thrown) {
      if (thrown instanceof LuaError) thrown.calledByLua();
      throw thrown;
    } finally {
      this.nested--;
    }
  }

  /** Counts a call that nests. `up` says whose line the error belongs to if there are too many: 0 for none. */
  enter(up: number, spare = 0): void {
    if (this.nested >= NESTED_CALLS_MAX + spare) throw new LuaError("C stack overflow", up);
    this.nested++;
  }

  /** {@link call}, and the first result. */
  callFirst(callee: LuaValue, args: readonly LuaValue[]): LuaValue {
    return first(this.call(callee, args));
  }

  /** {@link call}, and the results as a list, which may be shared: do not write to it. */
  callMany(callee: LuaValue, args: readonly LuaValue[]): readonly LuaValue[] {
    return many(this.call(callee, args));
  }

  /** The function behind a value: itself, or its `__call`. */
  callee(value: LuaValue): LuaFunction {
    return typeof value === "function" ? value : callable(this, value);
  }

  /** Raises an error with the position of the Lua line that called the library function, as `luaL_error` does. */
  error(message: string): never {
    throw LuaError.at(message);
  }

  /**
   * Raises `bad argument #1 to 'insert' (table expected, got nil)`. The function's name is the one it was called by; `message` is
   * what stands in the brackets.
   */
  argumentError(position: number, message: string): never {
    throw LuaError.argument(position, message);
  }

  /** `tostring(value)`, `__tostring` included. */
  tostring(value: LuaValue): string {
    switch (typeof value) {
      case "string":
        return value;
      case "number":
        return formatNumber14(value);
      case "boolean":
        return value ? "true" : "false";
      case "undefined":
        return "nil";
      default:
        return this.#describe(value);
    }
  }

  /** A value as a number, where Lua takes a numeric string for one; otherwise nil. */
  tonumber(value: LuaValue): number | undefined {
    return toNumber(value);
  }

  /** `object[key]`, metamethods included. */
  index(object: LuaValue, key: LuaValue): LuaValue {
    return index(this, object, key);
  }

  /** `object[key] = value`, metamethods included. */
  setIndex(object: LuaValue, key: LuaValue, value: LuaValue): void {
    setIndex(this, object, key, value);
  }

  /** `left == right`, metamethods included. */
  equal(left: LuaValue, right: LuaValue): boolean {
    return left === right || equalByMetatable(this, left, right);
  }

  /** `left < right`, metamethods included. */
  lessThan(left: LuaValue, right: LuaValue): boolean {
    return lessThan(this, left, right);
  }

  /** `left <= right`, metamethods included. */
  lessEqual(left: LuaValue, right: LuaValue): boolean {
    return lessEqual(this, left, right);
  }

  /** `left .. right`, metamethods included. */
  concat(left: LuaValue, right: LuaValue): LuaValue {
    return concat(this, [left, right]);
  }

  /** `#value`. */
  length(value: LuaValue): LuaValue {
    return length(this, value);
  }

  /** `left + right`, metamethods included. */
  add(left: LuaValue, right: LuaValue): LuaValue {
    return arithmetic(this, "__add", left, right);
  }

  /** The metatable of a value of any type, or nil. */
  metatableOf(value: LuaValue): LuaTable | undefined {
    if (value instanceof LuaTable) return value.metatable;
    return typeof value === "string" ? this.stringMetatable : undefined;
  }

  /** A value's metamethod, or nil. */
  metamethod(value: LuaValue, event: string): LuaValue {
    return metamethod(this, value, event);
  }

  #describe(value: LuaTable | LuaFunction | Coroutine | LightUserdata): string {
    const handler = metamethod(this, value, "__tostring");
    if (handler !== undefined) {
      const text = this.callFirst(handler, [value]);
      if (typeof text === "string") return text;
      if (typeof text === "number") return formatNumber14(text);
      this.error("'tostring' must return a string to 'print'");
    }
    if (value instanceof LightUserdata) return `userdata: ${value.address}`;
    const kind = value instanceof LuaTable ? "table" : value instanceof Coroutine ? "thread" : "function";
    return `${kind}: ${this.#addressOf(value)}`;
  }

  #addressOf(value: object): string {
    let address = this.#addresses.get(value);
    if (address === undefined) {
      this.#addressLast += 64;
      address = `0x${this.#addressLast.toString(16)}`;
      this.#addresses.set(value, address);
    }
    return address;
  }
}
