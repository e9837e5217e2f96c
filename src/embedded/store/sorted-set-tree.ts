/**
 * Members in order of score, then of bytes: a B+ tree whose branches count what is below them, so that insert, remove, rank
 * and range by rank or score are all O(log n). A small sorted set is a single leaf: a sorted array.
 *
 * Knuth, The Art of Computer Programming 3, §6.2.4; the counts make it an order-statistic tree.
 */

/** A part of the tree. `scores` and `members` are its entries, or in a branch the least entries below each child. */
export type Node = Leaf | Branch;

// Also where Redis leaves the listpack, so that a small set is one leaf.
const leafMax = 128;
const branchMax = 64;
// Two neighbours are joined when both fit well into one, so that removing and adding in turn does not split each time.
const leafJoin = 96;
const branchJoin = 48;

/** How many of the sorted entries come before the one given. */
function countBefore(scores: readonly number[], members: readonly string[], score: number, member: string): number {
  let low = 0;
  let high = scores.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = scores[middle] as number;
    if (other < score || (other === score && (members[middle] as string) < member)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many of the sorted scores are less than the one given, or with `inclusive` not greater. */
function countScores(scores: readonly number[], score: number, inclusive: boolean): number {
  let low = 0;
  let high = scores.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = scores[middle] as number;
    if (other < score || (inclusive && other === score)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many of the sorted members are less than the one given, or with `inclusive` not greater. */
function countMembers(members: readonly string[], member: string, inclusive: boolean): number {
  let low = 0;
  let high = members.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = members[middle] as string;
    if (other < member || (inclusive && other === member)) low = middle + 1;
    else high = middle;
  }
  return low;
}

// Near its end an array is shifted by hand: splice, which makes an array of what it removes, takes three times as long there, and
// half as long in the middle of a hundred. Numbers and strings apart, because V8 keeps and moves them differently.
const shiftedByHand = 24;

function insertScore(scores: number[], at: number, score: number): void {
  const last = scores.length - 1;
  if (last - at >= shiftedByHand) {
    scores.splice(at, 0, score);
    return;
  }
  scores.push(scores[last] as number);
  for (let each = last; each > at; each--) scores[each] = scores[each - 1] as number;
  scores[at] = score;
}

function insertMember(members: string[], at: number, member: string): void {
  const last = members.length - 1;
  if (last - at >= shiftedByHand) {
    members.splice(at, 0, member);
    return;
  }
  members.push(members[last] as string);
  for (let each = last; each > at; each--) members[each] = members[each - 1] as string;
  members[at] = member;
}

function removeScore(scores: number[], at: number): void {
  const last = scores.length - 1;
  if (last - at >= shiftedByHand) {
    scores.splice(at, 1);
    return;
  }
  for (let each = at; each < last; each++) scores[each] = scores[each + 1] as number;
  scores.pop();
}

function removeMember(members: string[], at: number): void {
  const last = members.length - 1;
  if (last - at >= shiftedByHand) {
    members.splice(at, 1);
    return;
  }
  for (let each = at; each < last; each++) members[each] = members[each + 1] as string;
  members.pop();
}

/** An empty array that V8 keeps as plain doubles, never as pointers to numbers. */
function doubles(): number[] {
  const scores = [0.5];
  scores.pop();
  return scores;
}

/** Entries, sorted. */
export class Leaf {
  readonly scores: number[];
  readonly members: string[];

  constructor(scores: number[] = doubles(), members: string[] = []) {
    this.scores = scores;
    this.members = members;
  }

  get size(): number {
    return this.members.length;
  }

  /** Adds an entry that is not there yet. @returns what the leaf had to give up, which comes right after it */
  insert(score: number, member: string): Leaf | undefined {
    const { scores, members } = this;
    const at = countBefore(scores, members, score, member);
    if (at === scores.length) {
      // Mostly scores are times and come in order: then leaves stay full instead of half empty.
      const last = at < leafMax ? this : new Leaf();
      last.scores.push(score);
      last.members.push(member);
      return last === this ? undefined : last;
    }
    insertScore(scores, at, score);
    insertMember(members, at, member);
    if (scores.length <= leafMax) return undefined;
    return new Leaf(scores.splice(leafMax >> 1), members.splice(leafMax >> 1));
  }

  /** Removes an entry that is there. */
  remove(score: number, member: string): void {
    const at = countBefore(this.scores, this.members, score, member);
    removeScore(this.scores, at);
    removeMember(this.members, at);
  }

  rank(score: number, member: string): number {
    return countBefore(this.scores, this.members, score, member);
  }

  rankOfScore(score: number, inclusive: boolean): number {
    return countScores(this.scores, score, inclusive);
  }

  rankOfMember(member: string, inclusive: boolean): number {
    return countMembers(this.members, member, inclusive);
  }

  /** Appends the entries of ranks `from` until `to` to the arrays given. */
  collect(from: number, to: number, members: string[], scores: number[] | undefined): void {
    for (let at = from; at < to; at++) members.push(this.members[at] as string);
    if (scores === undefined) return;
    for (let at = from; at < to; at++) scores.push(this.scores[at] as number);
  }

  removeRange(from: number, to: number): void {
    this.scores.splice(from, to - from);
    this.members.splice(from, to - from);
  }

  /** Takes over the entries of the leaf after it, if all fit well into one. */
  join(next: Leaf): boolean {
    if (this.scores.length + next.scores.length > leafJoin) return false;
    for (const score of next.scores) this.scores.push(score);
    for (const member of next.members) this.members.push(member);
    return true;
  }

  copy(): Leaf {
    return new Leaf(this.scores.slice(), this.members.slice());
  }
}

/** Children in order, with the count of what is below each. */
export class Branch {
  /** The least entry that may be below each child. That of the first child is a memory only: anything less is there too. */
  readonly scores: number[] = doubles();
  readonly members: string[] = [];
  readonly children: Node[] = [];
  readonly sizes: number[] = [];
  size = 0;

  /** A branch over two neighbours: how the tree grows in height. */
  static over(left: Node, right: Node): Branch {
    const branch = new Branch();
    branch.#push(left, left.scores[0] as number, left.members[0] as string);
    branch.#push(right, right.scores[0] as number, right.members[0] as string);
    return branch;
  }

  insert(score: number, member: string): Branch | undefined {
    const at = this.#childOf(score, member);
    const child = this.children[at] as Node;
    const split = child.insert(score, member);
    this.size++;
    if (split === undefined) {
      this.sizes[at] = (this.sizes[at] as number) + 1;
      return undefined;
    }
    this.sizes[at] = child.size;
    this.scores.splice(at + 1, 0, split.scores[0] as number);
    this.members.splice(at + 1, 0, split.members[0] as string);
    this.children.splice(at + 1, 0, split);
    this.sizes.splice(at + 1, 0, split.size);
    return this.children.length > branchMax
      ? this.#split(at + 2 === this.children.length ? branchMax : branchMax >> 1)
      : undefined;
  }

  remove(score: number, member: string): void {
    const at = this.#childOf(score, member);
    (this.children[at] as Node).remove(score, member);
    this.size--;
    this.sizes[at] = (this.sizes[at] as number) - 1;
    this.#mend(at);
  }

  rank(score: number, member: string): number {
    const at = this.#childOf(score, member);
    return this.#before(at) + (this.children[at] as Node).rank(score, member);
  }

  rankOfScore(score: number, inclusive: boolean): number {
    const at = Math.max(countScores(this.scores, score, inclusive) - 1, 0);
    return this.#before(at) + (this.children[at] as Node).rankOfScore(score, inclusive);
  }

  rankOfMember(member: string, inclusive: boolean): number {
    const at = Math.max(countMembers(this.members, member, inclusive) - 1, 0);
    return this.#before(at) + (this.children[at] as Node).rankOfMember(member, inclusive);
  }

  collect(from: number, to: number, members: string[], scores: number[] | undefined): void {
    let first = 0;
    for (let at = 0; first < to && at < this.children.length; at++) {
      const after = first + (this.sizes[at] as number);
      if (from < after) {
        (this.children[at] as Node).collect(Math.max(from - first, 0), Math.min(to, after) - first, members, scores);
      }
      first = after;
    }
  }

  removeRange(from: number, to: number): void {
    let first = 0;
    let touched = 0;
    for (let at = 0; first < to; at++) {
      const size = this.sizes[at] as number;
      const start = Math.max(from - first, 0);
      const end = Math.min(to - first, size);
      if (start < end) {
        if (end - start < size) (this.children[at] as Node).removeRange(start, end);
        this.sizes[at] = size - (end - start);
        touched = at;
      }
      first += size;
    }
    this.size -= to - from;
    // Those that are empty now stand side by side.
    const empty = this.sizes.indexOf(0);
    if (empty !== -1) {
      this.#drop(empty, this.sizes.lastIndexOf(0) - empty + 1);
      touched = Math.min(empty, this.children.length - 1);
    }
    if (this.size === 0) return;
    this.#mend(touched);
    if (touched > 0) this.#mend(touched - 1);
  }

  join(next: Branch): boolean {
    if (this.children.length + next.children.length > branchJoin) return false;
    for (let at = 0; at < next.children.length; at++) {
      this.#push(next.children[at] as Node, next.scores[at] as number, next.members[at] as string);
    }
    return true;
  }

  copy(): Branch {
    const branch = new Branch();
    for (let at = 0; at < this.children.length; at++) {
      branch.#push((this.children[at] as Node).copy(), this.scores[at] as number, this.members[at] as string);
    }
    return branch;
  }

  /** Which child an entry belongs to: the last whose least entry is not greater. */
  #childOf(score: number, member: string): number {
    const { scores, members } = this;
    let low = 1;
    let high = scores.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = scores[middle] as number;
      if (other < score || (other === score && (members[middle] as string) <= member)) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** How many entries are below the children before this one. */
  #before(child: number): number {
    let sum = 0;
    for (let at = 0; at < child; at++) sum += this.sizes[at] as number;
    return sum;
  }

  #push(child: Node, score: number, member: string): void {
    this.scores.push(score);
    this.members.push(member);
    this.children.push(child);
    this.sizes.push(child.size);
    this.size += child.size;
  }

  #drop(at: number, count: number): void {
    this.scores.splice(at, count);
    this.members.splice(at, count);
    this.children.splice(at, count);
    this.sizes.splice(at, count);
  }

  #split(at: number): Branch {
    const right = new Branch();
    for (let from = at; from < this.children.length; from++) {
      right.#push(this.children[from] as Node, this.scores[from] as number, this.members[from] as string);
    }
    this.#drop(at, this.children.length - at);
    this.size -= right.size;
    return right;
  }

  /** Drops a child that has become empty, or joins it with a neighbour if that is worth while. */
  #mend(at: number): void {
    const size = this.sizes[at] as number;
    if (size === 0) this.#drop(at, 1);
    else if (at + 1 < this.children.length && this.#join(at)) return;
    else if (at > 0) this.#join(at - 1);
  }

  #join(at: number): boolean {
    const left = this.children[at] as Node;
    const right = this.children[at + 1] as Node;
    if (right instanceof Branch) {
      // What was the least entry of all in the right branch is one in the middle now.
      right.scores[0] = this.scores[at + 1] as number;
      right.members[0] = this.members[at + 1] as string;
    }
    if (!(left as Branch).join(right as Branch)) return false;
    this.sizes[at] = left.size;
    this.#drop(at + 1, 1);
    return true;
  }
}

/** The tree with as little height as it can have, after something was removed. */
export function lowered(root: Node): Node {
  let node = root;
  while (node instanceof Branch && node.children.length <= 1) node = node.children[0] ?? new Leaf();
  return node;
}
