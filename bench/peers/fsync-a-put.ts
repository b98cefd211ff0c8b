/** `node:http` and better-sqlite3 put together as one would at first: every put is a transaction of its own. */
import { firstNamespace, openToWrite } from './database.ts';
import { servePeer } from './serve.ts';
import { tokenCheck } from './token-check.ts';

const [directory = '.', token = ''] = process.argv.slice(2);
const database = openToWrite(directory, token);
// Nobody else copies the log here; SQLite's own default.
database.pragma('wal_autocheckpoint = 1000');
const namespace = firstNamespace(database);
const isAllowed = tokenCheck(database);
const write = database.prepare<[number, Buffer, number, Buffer, Buffer]>(`
  INSERT INTO pairs (id, namespace, key, value)
  VALUES ((SELECT id FROM pairs WHERE namespace = ? AND key = ?), ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET value = excluded.value`);
const read = database
  .prepare<[number, Buffer], Buffer>('SELECT value FROM pairs WHERE namespace = ? AND key = ?')
  .pluck();

servePeer((request, response) => {
  const { url = '' } = request;
  const key = Buffer.from(url.slice(url.lastIndexOf('/') + 1));
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.once('end', () => {
    if (!isAllowed(request)) response.writeHead(401).end();
    else if (request.method === 'PUT') {
      write.run(namespace, key, namespace, key, Buffer.concat(chunks));
      response.end('{"result":null,"success":true,"errors":[],"messages":[]}');
    } else {
      const value = read.get(namespace, key);
      response.writeHead(value === undefined ? 404 : 200).end(value);
    }
  });
});
