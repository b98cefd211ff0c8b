/** A bare `node:http` server that does for every GET what the plainest server would: looks the token up, and reads once. */
import { NUMBER, openToRead } from './database.ts';
import { servePeer } from './serve.ts';
import { tokenCheck } from './token-check.ts';

const [directory = '.'] = process.argv.slice(2);
const database = openToRead(directory);
const isAllowed = tokenCheck(database);
const read = database
  .prepare<[string, string, Buffer, number], Buffer>(
    `SELECT value, metadata, expires FROM pairs
     WHERE namespace = ${NUMBER} AND key = ? AND (expires IS NULL OR expires > ?)`,
  )
  .pluck();

servePeer((request, response) => {
  // /client/v4/accounts/<account>/storage/kv/namespaces/<id>/values/<key>
  const [, , , , account = '', , , , id = '', , key = ''] = (request.url ?? '').split('/');
  const now = Math.floor(Date.now() / 1000);
  const value = isAllowed(request) ? read.get(account, id, Buffer.from(key), now) : undefined;
  if (value === undefined) response.writeHead(404).end();
  else {
    const headers = { 'content-type': 'application/octet-stream', 'content-length': value.length };
    response.writeHead(200, headers).end(value);
  }
});
