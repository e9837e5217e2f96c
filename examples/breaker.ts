/** Two processes share a circuit breaker: what one calls in vain, the other does not call at all. */
import { connect } from "redlua";
import { CircuitBreaker, CircuitOpenError } from "redlua/breaker";

const redis = await connect(process.env["REDIS_URL"] ?? "memory:", { prefix: `example-${process.pid}` });

// A payment service that is down, until it is not.
let isDown = true;
async function charge(amount: number, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  if (isDown) throw new Error("503 Service Unavailable");
  return `receipt for ${amount}`;
}

const options = { failureRate: 0.5, window: "30s", minimumCalls: 4, timeout: "1s", probes: 2, open: { base: "200ms" } } as const;
const here = new CircuitBreaker(redis, "payments", options);
const there = new CircuitBreaker(redis, "payments", options);

const opened = new Promise((resolve) => there.on("opened", resolve));
there.on("closed", () => console.log("there: closed again"));
await there.tryExecute(() => console.log("there: in use"));

for (let n = 0; n < 4; n++) {
  await here.execute(({ signal }) => charge(42, signal)).catch((error: Error) => console.log("here:", error.message));
}
await opened;

try {
  await there.execute(({ signal }) => charge(42, signal));
} catch (error) {
  if (!(error instanceof CircuitOpenError)) throw error;
  console.log("there:", error.code, "without one call in vain");
}
console.log("there:", await there.execute(({ signal }) => charge(42, signal), { fallback: () => "charged later" }));

isDown = false;
for (let receipts = 0; receipts < 2; ) {
  const attempt = await there.tryExecute(({ signal }) => charge(42, signal));
  if (attempt.allowed) {
    console.log("there:", attempt.value);
    receipts++;
  } else {
    // Who is refused hears when to ask again.
    await new Promise((done) => setTimeout(done, attempt.retryInMs));
  }
}
const { state, calls } = await here.inspect();
console.log("here:", state.state, "with", calls, "calls counted");

await here.close();
await there.close();
await redis.close();

// Output:
// there: in use
// here: 503 Service Unavailable
// here: 503 Service Unavailable
// here: 503 Service Unavailable
// here: 503 Service Unavailable
// there: BREAKER_OPEN without one call in vain
// there: charged later
// there: receipt for 42
// there: closed again
// there: receipt for 42
// here: closed with 0 calls counted
