/**
 * The plain way to list keys and to get many values, on the server's own database: rows as objects, and JSON.stringify
 * of the whole answer.
 */
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { NUMBER, openToRead } from './database.ts';
import { servePeer } from './serve.ts';
import { tokenCheck } from './token-check.ts';

interface Address {
  readonly account: string;
  readonly id: string;
}

interface KeyRow {
  readonly name: string;
  readonly metadata: string | null;
  readonly expires: number | null;
}

const [directory = '.'] = process.argv.slice(2);
const database = openToRead(directory);
const isAllowed = tokenCheck(database);

const page = database.prepare<[string, string, Buffer, Buffer, number, number], KeyRow>(`
  SELECT CAST(key AS TEXT) AS name, CAST(metadata AS TEXT) AS metadata, expires
  FROM pairs
  WHERE namespace = ${NUMBER} AND key >= ? AND key < ? AND (expires IS NULL OR expires > ?)
  ORDER BY key LIMIT ?`);
const pair = database.prepare<[string, string, Buffer, number], { value: Buffer }>(
  `SELECT value FROM pairs WHERE namespace = ${NUMBER} AND key = ? AND (expires IS NULL OR expires > ?)`,
);
const AFTER_EVERY_KEY = Buffer.from([0xff]);

function list({ account, id }: Address, query: URLSearchParams): object {
  const prefix = query.get('prefix') ?? '';
  const limit = Number(query.get('limit') ?? 1_000);
  const cursor = query.get('cursor');
  const from = cursor === null ? Buffer.from(prefix) : Buffer.from(`${Buffer.from(cursor, 'base64url')}\0`);
  const before = Buffer.concat([Buffer.from(prefix), AFTER_EVERY_KEY]);
  const rows = page.all(account, id, from, before, Math.floor(Date.now() / 1000), limit + 1);
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1)?.name : undefined;
  return envelope(
    shown.map(({ name, metadata, expires }) => ({
      name,
      ...(expires !== null && { expiration: expires }),
      ...(metadata !== null && { metadata: JSON.parse(metadata) }),
    })),
    { count: shown.length, cursor: last === undefined ? '' : Buffer.from(last).toString('base64url') },
  );
}

const getAll = database.transaction(({ account, id }: Address, keys: readonly string[]) => {
  const now = Math.floor(Date.now() / 1000);
  return keys.map(key => [key, pair.get(account, id, Buffer.from(key), now)?.value.toString() ?? null]);
});

async function bulkGet(address: Address, request: IncomingMessage): Promise<object> {
  const { keys }: { keys: string[] } = JSON.parse(await text(request));
  return envelope({ values: Object.fromEntries(getAll(address, keys)) });
}

function envelope(result: unknown, resultInfo?: object): object {
  return { result, errors: [], messages: [], success: true, ...(resultInfo && { result_info: resultInfo }) };
}

servePeer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://peer');
  // /client/v4/accounts/<account>/storage/kv/namespaces/<id>/…
  const [, , , , account = '', , , , id = ''] = pathname.split('/');
  if (!isAllowed(request)) {
    response.writeHead(401).end();
    return;
  }
  const isList = pathname.endsWith('/keys');
  const body = JSON.stringify(isList ? list({ account, id }, searchParams) : await bulkGet({ account, id }, request));
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  response.writeHead(200, headers).end(body);
});
