/** What the first element of an entry in a stream's node says of it. */
export const streamFlag = {
  deleted: 1,
  /** Its fields have the names of the node's first entry. */
  sameFields: 2,
} as const;
