import { Double, type Reply } from "../../value/index.ts";

/** Members with their scores: in turn, or each pair by itself, as RESP3 has it nearly everywhere. */
export function withScores(members: readonly string[], scores: readonly number[], nested: boolean): Reply[] {
  const reply: Reply[] = [];
  for (let at = 0; at < members.length; at++) {
    const score = new Double(scores[at] as number);
    if (nested) reply.push([members[at] as string, score]);
    else reply.push(members[at] as string, score);
  }
  return reply;
}
