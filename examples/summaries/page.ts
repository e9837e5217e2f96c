/** What the program is and how to try it: printed at the start, and answered at `/`. */
export function page(address: string, maxBytes: number): string {
  const post = `curl -si ${address}/api/summaries -H 'Content-Type: text/csv'`;
  return `CSV summaries: post a CSV file, get what is in its columns. The work is a job of redlua.
Commas, UTF-8, the first line names the columns, up to ${maxBytes.toLocaleString("en")} bytes.

Wait for the answer, up to 10 seconds:

  printf 'city,people\\nOslo,709037\\nBergen,291940\\n' | ${post} -H 'Prefer: wait=10' --data-binary @-

Or take a receipt, look how far it is, watch it, and fetch the result:

  job=$(seq 1000000 | awk 'BEGIN { print "id,half" } { print $1 "," $1 / 2 }' | ${post} --data-binary @- | tr -d '\\r' | sed -n 's/^[Ll]ocation: //p')
  curl -s "${address}$job"
  curl -sN "${address}$job" -H 'Accept: text/event-stream'
  curl -s "${address}$job/result" -H 'Prefer: wait=30'

Cancel one, while it runs:

  job=$(seq 1000000 | ${post} --data-binary @- | tr -d '\\r' | sed -n 's/^[Ll]ocation: //p'); curl -s -X DELETE "${address}$job"

Send it twice, have it once:

  printf 'a,b\\n1,2\\n' | ${post} -H 'Idempotency-Key: "my-first"' --data-binary @-
  printf 'a,b\\n1,2\\n' | ${post} -H 'Idempotency-Key: "my-first"' --data-binary @-

See how it is:

  curl -s ${address}/health
`;
}
