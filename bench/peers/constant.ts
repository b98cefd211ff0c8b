/** A bare `node:http` server that answers everything with the same bytes. */
import { lettersOf } from '../pairs.ts';
import { servePeer } from './serve.ts';

const [bytes] = process.argv.slice(2);
const value = Buffer.from(lettersOf(0, Number(bytes)));
const headers = { 'content-type': 'application/octet-stream', 'content-length': value.length };

servePeer((_request, response) => {
  response.writeHead(200, headers).end(value);
});
