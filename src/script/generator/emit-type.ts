import type { Type } from "../index.ts";

/** A type as the schema of `defineScript` spells it. */
export function emitSchemaType(type: Type): string {
  if (typeof type === "string") return JSON.stringify(type);
  if ("nullable" in type) return `{ nullable: ${emitSchemaType(type.nullable)} }`;
  if ("array" in type) return `{ array: ${emitSchemaType(type.array)} }`;
  if ("hash" in type) return `{ hash: ${emitSchemaType(type.hash)} }`;
  return `{ record: ${emitSchemaFields(type.record)} }`;
}

/** Fields as the schema of `defineScript` spells them. */
export function emitSchemaFields(fields: { readonly [name: string]: Type }): string {
  const entries = Object.entries(fields).map(([name, type]) => `${name}: ${emitSchemaType(type)}`);
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}

const given: Readonly<Partial<Record<string, string>>> = {
  bytes: "Uint8Array | string",
  duration: "Duration",
  instant: "number | Date",
};
const returned: Readonly<Partial<Record<string, string>>> = { bytes: "Uint8Array", duration: "number", instant: "number" };
const both: Readonly<Record<string, string>> = {
  string: "string",
  integer: "number",
  number: "number",
  bigint: "bigint",
  boolean: "boolean",
  json: "unknown",
};

/** The TypeScript type of what a caller passes. */
export function emitGiven(type: Type): string {
  return emitType(type, "given");
}

/** The TypeScript type of what a caller gets. */
export function emitReturned(type: Type): string {
  return emitType(type, "returned");
}

/** Whether a caller may leave a value out. */
export function isOptional(type: Type): boolean {
  return typeof type === "object" && "nullable" in type;
}

function emitType(type: Type, side: "given" | "returned"): string {
  if (typeof type === "string") return (side === "given" ? given : returned)[type] ?? (both[type] as string);
  if ("nullable" in type) return `${emitType(type.nullable, side)} | null${side === "given" ? " | undefined" : ""}`;
  if ("array" in type) {
    const item = emitType(type.array, side);
    // A union or an array as an item needs brackets, a record has its own.
    return /^readonly | \| /.test(item) && !isBraced(type.array) ? `readonly (${item})[]` : `readonly ${item}[]`;
  }
  if ("hash" in type) return `{ readonly [field: string]: ${emitType(type.hash, side)} }`;
  const fields = Object.entries(type.record).map(
    ([name, field]) => `readonly ${name}${side === "given" && isOptional(field) ? "?" : ""}: ${emitType(field, side)}`,
  );
  return `{ ${fields.join("; ")} }`;
}

function isBraced(type: Type): boolean {
  return typeof type === "object" && ("record" in type || "hash" in type);
}
