import { broken, expression, testKinds } from "./fixtures/index.ts";

testKinds([
  { name: "expressions", snippets: expression, backend: "source", share: 14_000 },
  { name: "texts that are nearly Lua", snippets: broken, backend: "source", share: 6_000 },
  { name: "expressions", snippets: expression, backend: "closures", share: 5_000 },
]);
