/**
 * Bytes that one reader takes for a single request and another for two. Each case hides a request behind such a framing:
 * were it ever seen, a second answer would come, and the hidden put would be there.
 *
 * These fail where Node's parser is made lenient: `insecureHTTPParser: true` in `http/app.ts`.
 */
import { describe, expect, test } from 'vitest';
import { RawConnection } from '../rest/raw-connection.fixture.ts';
import { serveForTests, TOKEN } from '../rest/server.fixture.ts';

const server = serveForTests();
const HEAD = `Host: x\r\nAuthorization: Bearer ${TOKEN}\r\n`;

/** The framing of the outer put → its body, in front of the hidden request. */
const FRAMINGS: Readonly<Record<string, readonly [headers: string, body: string]>> = {
  'a length and chunks': ['Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'],
  'chunks and a length': ['Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', '0\r\n\r\n'],
  'two lengths': ['Content-Length: 5\r\nContent-Length: 0\r\n', '0\r\n\r\n'],
  'a list of lengths': ['Content-Length: 5, 5\r\n', 'abcde'],
  'a length with a sign': ['Content-Length: +5\r\n', 'abcde'],
  'a negative length': ['Content-Length: -5\r\n', 'abcde'],
  'a length in hexadecimal': ['Content-Length: 0x5\r\n', 'abcde'],
  'a length past 64 bits': ['Content-Length: 18446744073709551621\r\n', 'abcde'],
  'a space before the colon': ['Content-Length : 5\r\n', 'abcde'],
  'a space before the colon of chunks': ['Transfer-Encoding : chunked\r\n', '0\r\n\r\n'],
  'a coding that only looks like chunks': ['Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'],
  'a coding behind chunks': ['Transfer-Encoding: chunked, identity\r\n', '0\r\n\r\n'],
  'a line break within a header': ['Content-Length:\r\n 5\r\nX: y\r\n', 'abcde'],
  'chunks behind a folded line': ['X: y\r\n Transfer-Encoding: chunked\r\n', '0\r\n\r\n'],
  'a bare line feed': ['X: y\nContent-Length: 5\r\n', 'abcde'],
  'a bare carriage return': ['X: y\rContent-Length: 5\r\n', 'abcde'],
  'a NUL in a header': ['X: y\0z\r\nContent-Length: 5\r\n', 'abcde'],
  'a control character in the name of chunks': ['Transfer-\x0bEncoding: chunked\r\n', '0\r\n\r\n'],
  'a chunk of no size': ['Transfer-Encoding: chunked\r\n', '\r\n\r\n'],
  'a chunk whose size has a sign': ['Transfer-Encoding: chunked\r\n', '+5\r\nabcde\r\n0\r\n\r\n'],
  'a chunk whose size has a prefix': ['Transfer-Encoding: chunked\r\n', '0x5\r\nabcde\r\n0\r\n\r\n'],
  'a chunk longer than it says': ['Transfer-Encoding: chunked\r\n', '3\r\nabcde\r\n0\r\n\r\n'],
  'a chunk size past 64 bits': ['Transfer-Encoding: chunked\r\n', '10000000000000005\r\nabcde\r\n0\r\n\r\n'],
  'a bare line feed behind a chunk size': ['Transfer-Encoding: chunked\r\n', '5\nabcde\r\n0\r\n\r\n'],
  'a bare line feed in a chunk extension': ['Transfer-Encoding: chunked\r\n', '5;x\nabcde\r\n0\r\n\r\n'],
  'chunk extensions without end': ['Transfer-Encoding: chunked\r\n', `5;${'x'.repeat(20_000)}\r\nabcde\r\n0\r\n\r\n`],
  'trailers without end': ['Transfer-Encoding: chunked\r\n', `0\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`],
  'a length in a trailer': ['Transfer-Encoding: chunked\r\n', '0\r\nContent-Length: 5\r\n\r\n'],
  'a trailer that is none': ['Transfer-Encoding: chunked\r\n', '0\r\nX y\r\n\r\n'],
};

describe('no request is seen behind', () => {
  test.each(Object.entries(FRAMINGS))('%s, and the connection ends', async (_, [headers, body]) => {
    const namespace = await server.namespace();
    const before = server.log.length;
    const put = (key: string): string => `PUT ${namespace.path}/values/${key} HTTP/1.1\r\n${HEAD}`;
    const connection = await RawConnection.open(server.port);
    await connection.send(`${put('outer')}${headers}\r\n${body}${put('hidden')}Content-Length: 1\r\n\r\nv`);
    const { status, head, body: text } = await connection.answer();
    expect([400, 431]).toContain(status);
    expect(head).toMatch(/^connection: close\r$/im);
    expect(JSON.parse(text)).toMatchObject({ success: false, errors: [{ code: 10000 + status }] });
    await connection.closed;
    await expect(connection.answer()).rejects.toThrow('connection closed after ""');
    expect(await namespace.keys()).toEqual([]);
    const puts = server.log.slice(before).filter(({ method }) => method === 'PUT');
    expect(puts.length).toBeLessThanOrEqual(1);
  });
});

test('what a trailer says is not taken for a header', async () => {
  const namespace = await server.namespace();
  const connection = await RawConnection.open(server.port);
  const head = `PUT ${namespace.path}/values/k HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n`;
  await connection.send(`${head}1\r\nv\r\n0\r\nContent-Encoding: gzip\r\nAuthorization: x\r\n\r\n`);
  expect((await connection.answer()).status).toBe(200);
  await connection.send(`GET ${namespace.path}/values/k HTTP/1.1\r\n${HEAD}\r\n`);
  expect((await connection.answer()).body).toBe('v');
  connection.end();
});

/** Node takes notice of the first 2,000 alone; fails without `maxHeadersCount = 0` in `http/app.ts`. */
test('the last of 5,000 headers counts as the first does', async () => {
  const namespace = await server.namespace();
  const connection = await RawConnection.open(server.port);
  const many = 'a:\r\n'.repeat(5_000);
  await connection.send(
    `PUT ${namespace.path}/values/k HTTP/1.1\r\nHost: x\r\n${many}Authorization: Bearer ${TOKEN}\r\nContent-Length: 1\r\n\r\nv`,
  );
  expect((await connection.answer()).status).toBe(200);
  connection.end();
});
