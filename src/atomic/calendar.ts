import { type Duration, type Field, readMs, withDefault } from "../core/index.ts";

/**
 * A stretch of time that begins with the clock on the wall: a unit of the calendar, or a duration counted from midnight, January 1st
 * 1970. Weeks begin on Monday.
 */
export type Period = "minute" | "hour" | "day" | "week" | "month" | "year" | Duration;

const units: readonly unknown[] = ["minute", "hour", "day", "week", "month", "year"];

/** A {@link Period}, as scripts take it: the unit, or milliseconds. */
export function periodField(): Field<string> {
  return {
    expects: `one of ${units.map((unit) => `"${unit}"`).join(", ")}, or a duration such as "15m", at least a second`,
    read: (value) => {
      if (units.includes(value)) return value as string;
      const ms = readMs(value);
      return ms !== undefined && ms >= 1_000 && ms <= 366 * 86_400_000 ? String(ms) : undefined;
    },
  };
}

/** How far local clocks are ahead of UTC: `"+02:00"`, `"-05:30"`, `"Z"`. Read as milliseconds. */
export function offsetField(): Field<number> & { readonly fallback: unknown } {
  const field: Field<number> = {
    expects: 'an offset from UTC such as "+02:00", "-05:30" or "Z"',
    read: (value) => {
      if (value === "Z") return 0;
      const [, sign, hours, minutes] = /^([+-])(\d\d):([0-5]\d)$/.exec(String(value)) ?? [];
      if (sign === undefined || Number(hours) > 14) return undefined;
      // Adding 0 makes 0 of the -0 that "-00:00" would be.
      return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000 + 0;
    },
  };
  return withDefault(field, "Z");
}

/** A moment: a Date, or milliseconds since 1970. Read as milliseconds. */
export function momentField(): Field<number> {
  return {
    expects: "a Date or whole milliseconds since 1970",
    read: (value) => {
      const ms = value instanceof Date ? value.getTime() : value;
      return Number.isSafeInteger(ms) ? (ms as number) : undefined;
    },
  };
}
