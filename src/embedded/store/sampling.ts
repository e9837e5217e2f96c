/** What can be drawn from: all of it in a list, or one at random, each as likely as the other. */
export interface Urn {
  readonly size: number;
  names(): string[];
  random(): string;
}

/** Draws `count` different names; all of them if there are no more. */
export function draw(urn: Urn, count: number): string[] {
  if (count >= urn.size) return urn.names();
  if (count * 3 > urn.size) return drawFromList(urn.names(), count);
  // Few out of many: what was already drawn is drawn again less than every third time.
  const drawn = new Set<string>();
  while (drawn.size < count) drawn.add(urn.random());
  return [...drawn];
}

/** Draws `count` names, each from all of them, so that one may come again. */
export function drawWithRepeats(urn: Urn, count: number): string[] {
  const drawn: string[] = [];
  while (drawn.length < count) drawn.push(urn.random());
  return drawn;
}

/** The first steps of the shuffle of Fisher and Yates. Reorders the list. */
function drawFromList(names: string[], count: number): string[] {
  for (let at = 0; at < count; at++) {
    const other = at + Math.floor(Math.random() * (names.length - at));
    const name = names[other] as string;
    names[other] = names[at] as string;
    names[at] = name;
  }
  names.length = count;
  return names;
}
