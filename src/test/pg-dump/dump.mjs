// pg_dump of PostgreSQL 18.3 in WebAssembly, used on a real server: what it says goes to standard output, what the server answers
// comes from standard input. The package is made for a database in the same process; here the connection takes that one's place.
// Usage: node dump.mjs <connection string> <file>
import fs from "node:fs";
import { pgDump } from "@electric-sql/pglite-tools/pg_dump";

const [connection, file] = process.argv.slice(2);
const READY = "Z".charCodeAt(0);
const GOODBYE = "X".charCodeAt(0);

function read(length) {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; ) {
    const got = fs.readSync(0, bytes, at, length - at, null);
    if (got === 0) throw new Error("the server closed the connection");
    at += got;
  }
  return bytes;
}

// All messages up to the one that says the server waits for the next.
function answer() {
  const messages = [];
  for (let type = 0; type !== READY; ) {
    const head = read(5);
    type = head[0];
    messages.push(head, read(head.readUInt32BE(1) - 4));
  }
  return Buffer.concat(messages);
}

const server = {
  execProtocolRawStream(message, { onRawData }) {
    const bytes = Buffer.from(message);
    for (let at = 0; at < bytes.length; ) at += fs.writeSync(1, bytes, at);
    if (bytes[0] !== GOODBYE) onRawData(answer());
  },
  query: async () => ({ rows: [{ search_path: "public" }] }), // what the package does for its own database before and after
  exec: async () => [],
};

const dump = await pgDump({ pg: server, args: ["-d", connection] });
fs.writeFileSync(file, await dump.text());
