/**
 * What is asked of a contestant. One file each, used as its own documentation says, with its own defaults but for retention:
 * whatever can keep finished jobs keeps them all.
 *
 * @typedef {{ n: number }} Payload
 * @typedef {{ url: string, host: string, port: number }} Target
 *
 * @typedef {object} Producer
 * @property {(payload: Payload) => Promise<string>} add adds one job, and answers its id
 * @property {(payloads: readonly Payload[]) => Promise<readonly string[]>} addBulk adds many jobs in one call
 * @property {(id: string) => Promise<unknown>} resultOf reads a finished job's result; `undefined` if that is not kept
 * @property {() => Promise<void>} close
 *
 * @typedef {object} Consumer
 * @property {() => Promise<void>} close
 *
 * @typedef {object} Contestant
 * @property {string} title
 * @property {string} keeps what is left of a finished job
 * @property {string} [remark] what a reader of the table must know
 * @property {(target: Target, queue: string, lanes: number) => Promise<Producer>} produce connects; `lanes` is how many jobs
 *   will run at once, for who needs to know
 * @property {(target: Target, queue: string, concurrency: number, handler: (payload: Payload) => Promise<unknown>) => Promise<Consumer>} consume
 *   connects and begins to work
 * @property {(queue: string) => readonly string[]} countFinished a Redis command that answers how many finished jobs are kept
 */

/** The names of the contestants. redlua comes first: ratios are to it. */
export const contestants = ["redlua", "bullmq", "bee-queue", "groupmq"];

/** No queue, but a measure of what any could do: asked only if named, and only how much it does in a second. */
export const bare = "bare";

/** @returns {Promise<Contestant>} */
export async function load(name) {
  const { contestant } = await import(`./${name}.mjs`);
  return contestant;
}
