import { dirname, join } from "node:path";
import type { ProjectFile } from "./project.ts";

/** The codes of the errors that a source file declares or throws, as `LOCK_LEASE_LOST`. */
export function codesOf(source: string): readonly string[] {
  const code = /"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)"/g;
  // `readonly code = "…"` and unions of codes; then what is passed to the constructor of an error.
  const declared = /(?:readonly code(?::| =)|type \w*Code =)\s*(?:\|?\s*"[A-Z0-9_]+"\s*)+/g;
  const thrown = /new \w+Error\(\s*"[A-Z0-9_]+"/g;
  return [...source.matchAll(declared), ...source.matchAll(thrown)].flatMap(([text]) =>
    [...text.matchAll(code)].map(([, name = ""]) => name),
  );
}

/** The codes in the first column of the tables of a page. */
export function codesInTables(page: string): readonly string[] {
  return [...page.matchAll(/^\| `([A-Z0-9_]+)` \|/gm)].map(([, code = ""]) => code);
}

/** Links of a page that lead nowhere: files that are not there, and headings that the page they lead to lacks. */
export function brokenLinks(page: ProjectFile, pages: ReadonlyMap<string, string>): readonly string[] {
  const links = [...proseOf(page.text).matchAll(/\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)/gm)].map(
    ([, inline, reference]) => inline ?? reference ?? "",
  );
  return links
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [path = "", heading] = link.split("#");
      const target = path === "" ? page.path : join(dirname(page.path), path);
      if (heading !== undefined) return !headingsOf(pages.get(target) ?? "").has(heading);
      return ![...pages.keys()].some((each) => each === target || each.startsWith(`${target.replace(/\/$/, "")}/`));
    })
    .map((link) => `${page.path}: ${link}`);
}

/** Headings as the anchors that GitHub makes of them. */
function headingsOf(text: string): ReadonlySet<string> {
  const headings = [...proseOf(text).matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) => title);
  return new Set(
    headings.map((title) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replace(/\s/g, "-"),
    ),
  );
}

function proseOf(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()]/g, ""));
}
