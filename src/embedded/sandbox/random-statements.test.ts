import { sequence, testKinds, yielding } from "./fixtures/index.ts";

testKinds([
  { name: "sequences of statements", snippets: sequence, backend: "source", share: 6_000 },
  { name: "sequences with coroutines", snippets: yielding, backend: "source", share: 1_000 },
  { name: "sequences of statements", snippets: sequence, backend: "closures", share: 4_000 },
  { name: "sequences with coroutines", snippets: yielding, backend: "closures", share: 1_000 },
]);
