/** What happens on the connection itself: bytes that are no request, and bodies that do not come as announced. */
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../server/src/kv/limits.ts';
import { RawConnection } from './raw-connection.fixture.ts';
import { NAMESPACES_PATH, serveForTests, TOKEN } from './server.fixture.ts';

const server = serveForTests();
const HEAD = `Host: x\r\nAuthorization: Bearer ${TOKEN}\r\n`;
const LIST = `GET ${NAMESPACES_PATH} HTTP/1.1\r\n${HEAD}\r\n`;

function failureOf({ status, head, body }: { status: number; head: string; body: string }): string {
  expect(head).toMatch(/^content-type: application\/json; charset=UTF-8\r$/im);
  const { success, errors } = JSON.parse(body);
  expect(success).toBe(false);
  return `${status} ${errors[0].code}`;
}

describe('is answered in the envelope and closed for', () => {
  test.each([
    ['bytes that are not HTTP', '\x16\x03\x01\x02\0\r\n\r\n', '400 10400'],
    ['an unknown method', 'FETCH / HTTP/1.1\r\nHost: x\r\n\r\n', '400 10400'],
    ['a space in the target', `GET /a b HTTP/1.1\r\n${HEAD}\r\n`, '400 10400'],
    ['a length that is no number', `PUT / HTTP/1.1\r\n${HEAD}Content-Length: x\r\n\r\n`, '400 10400'],
    ['two lengths', `PUT / HTTP/1.1\r\n${HEAD}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`, '400 10400'],
    [
      'a length and chunks',
      `PUT / HTTP/1.1\r\n${HEAD}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
      '400 10400',
    ],
    ['a header that never ends', `GET / HTTP/1.1\r\n${HEAD}X: ${'x'.repeat(LIMITS.requestHeaderBytes)}`, '431 10431'],
    ['a target that never ends', `GET /${'x'.repeat(LIMITS.requestHeaderBytes + 1)}`, '431 10431'],
  ])('%s', async (_, bytes, failure) => {
    const connection = await RawConnection.open(server.port);
    await connection.send(bytes);
    const answer = await connection.answer();
    expect(failureOf(answer)).toBe(failure);
    expect(answer.head).toMatch(/^connection: close\r$/im);
    await connection.closed;
  });

  test('chunks that are none', async () => {
    const namespace = await server.namespace();
    const connection = await RawConnection.open(server.port);
    const head = `PUT ${namespace.path}/values/k HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n`;
    await connection.send(`${head}nonsense\r\n`);
    expect(failureOf(await connection.answer())).toBe('400 10400');
    await connection.closed;
    expect(await namespace.keys()).toEqual([]);
  });
});

test.each([
  ['a header that is none', 'X: \x7f\r\n', '400 Malformed HTTP request'],
  [
    'too many headers',
    `X: ${'x'.repeat(LIMITS.requestHeaderBytes)}\r\n`,
    '431 Request line and headers exceed the limit of 65536 bytes.',
  ],
])('%s before a large body is answered all the same, in the reason phrase too', async (_, header, expected) => {
  const namespace = await server.namespace();
  const connection = await RawConnection.open(server.port);
  await connection.send(`PUT ${namespace.path}/values/k HTTP/1.1\r\n${HEAD}${header}Content-Length: 5000000\r\n\r\n`);
  for (let piece = 0; piece < 50; piece++) await connection.send('x'.repeat(100_000));
  expect((await connection.answer()).head).toMatch(new RegExp(`^HTTP/1.1 ${expected}`));
  await connection.closed;
});

test('headers of nearly 64 KiB are taken', async () => {
  const filler = 'x'.repeat(LIMITS.requestHeaderBytes - 1024);
  expect((await server.client.send('GET', NAMESPACES_PATH, undefined, { 'x-filler': filler })).status).toBe(200);
});

test('requests sent in one go are answered one after the other', async () => {
  const connection = await RawConnection.open(server.port);
  await connection.send(`${LIST}PUT ${NAMESPACES_PATH} HTTP/1.1\r\n${HEAD}Content-Length: 3\r\n\r\nabc${LIST}`);
  expect((await connection.answer()).status).toBe(200);
  expect(failureOf(await connection.answer())).toBe('405 10000');
  expect((await connection.answer()).status).toBe(200);
  connection.end();
});

test('a client that asks is told to go on, and then answered', async () => {
  const namespace = await server.namespace();
  const connection = await RawConnection.open(server.port);
  const head = `PUT ${namespace.path}/values/k HTTP/1.1\r\n${HEAD}Content-Length: 1\r\nExpect: 100-continue\r\n\r\n`;
  await connection.send(head);
  expect((await connection.answer()).status).toBe(100);
  await connection.send('v');
  expect((await connection.answer()).status).toBe(200);
  connection.end();
  expect((await namespace.get('k')).text).toBe('v');
});

test('nothing that comes behind an answer that closes the connection is carried out', async () => {
  const namespace = await server.namespace();
  const connection = await RawConnection.open(server.port);
  const refused = `GET /client/v4/nowhere HTTP/1.1\r\n${HEAD}Expect: 100-continue\r\n\r\n`;
  await connection.send(`${refused}PUT ${namespace.path}/values/k HTTP/1.1\r\n${HEAD}Content-Length: 1\r\n\r\nv`);
  expect((await connection.answer()).head).toMatch(/^connection: close\r$/im);
  await connection.closed;
  expect(await namespace.keys()).toEqual([]);
});

test('a value in many chunks is put together', async () => {
  const namespace = await server.namespace();
  const connection = await RawConnection.open(server.port);
  await connection.send(`PUT ${namespace.path}/values/k HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n`);
  for (const chunk of ['1\r\na\r\n', '2;x=y\r\nb', 'c\r\n', '0\r\nTrailer: x\r\n\r\n']) await connection.send(chunk);
  expect((await connection.answer()).status).toBe(200);
  connection.end();
  expect((await namespace.get('k')).text).toBe('abc');
});

test('a body shorter than announced writes nothing, and nobody hangs', async () => {
  const namespace = await server.namespace();
  for (const announced of ['Content-Length: 10', 'Transfer-Encoding: chunked']) {
    const connection = await RawConnection.open(server.port);
    await connection.send(`PUT ${namespace.path}/values/k HTTP/1.1\r\n${HEAD}${announced}\r\n\r\n`);
    await connection.send('3\r\nabc');
    connection.end();
    await connection.closed;
  }
  expect(await namespace.keys()).toEqual([]);
});

test('bytes behind a body are the next request', async () => {
  const namespace = await server.namespace();
  const connection = await RawConnection.open(server.port);
  await connection.send(`PUT ${namespace.path}/values/k HTTP/1.1\r\n${HEAD}Content-Length: 1\r\n\r\nv${LIST}`);
  expect((await connection.answer()).status).toBe(200);
  expect((await connection.answer()).status).toBe(200);
  connection.end();
  expect((await namespace.get('k')).text).toBe('v');
});

test('requests that come in one segment each have their own body', async () => {
  const namespace = await server.namespace();
  const connection = await RawConnection.open(server.port);
  const put = (path: string, body: string) =>
    `PUT ${namespace.path}${path} HTTP/1.1\r\n${HEAD}Content-Length: ${body.length}\r\n\r\n${body}`;
  const values = ['a', 'b', 'c', 'd'].map(letter => letter.repeat(5_000));
  const requests = values.map((value, index) => {
    return index % 2 === 0
      ? put(`/values/${index}`, value)
      : put('/bulk', JSON.stringify([{ key: `${index}`, value }]));
  });
  await connection.send(requests.join(''));
  for (const _ of values) expect((await connection.answer()).status).toBe(200);
  connection.end();
  for (const [index, value] of values.entries()) expect((await namespace.get(`${index}`)).text).toBe(value);
});

test('bytes after a request never turn its answer into an error', async () => {
  const namespace = await server.namespace();
  const pairs = Array.from({ length: 10_000 }, (_, index) => ({ key: `k${index}`, value: 'v' }));
  const body = JSON.stringify(pairs);
  const connection = await RawConnection.open(server.port);
  await connection.send(`PUT ${namespace.path}/bulk HTTP/1.1\r\n${HEAD}Content-Length: ${body.length}\r\n\r\n${body}`);
  await connection.send('NONSENSE\r\n\r\n');
  const answer = await connection.answer();
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.body).result.successful_key_count).toBe(pairs.length);
  await connection.closed;
});

test('requests sent in one go are carried out in their order', async () => {
  const namespace = await server.namespace();
  const path = `${namespace.path}/values/k`;
  const large = 'l'.repeat(2_000_000);
  const put = (value: string) => `PUT ${path} HTTP/1.1\r\n${HEAD}Content-Length: ${value.length}\r\n\r\n${value}`;
  const connection = await RawConnection.open(server.port);
  await connection.send(`${put(large)}${put('small')}GET ${path} HTTP/1.1\r\n${HEAD}\r\n`);
  expect((await connection.answer()).status).toBe(200);
  expect((await connection.answer()).status).toBe(200);
  expect((await connection.answer()).body).toBe('small');
  connection.end();
  expect((await namespace.get('k')).text).toBe('small');
});

test('a request that comes to nothing behind another is refused after its answer', async () => {
  const namespace = await server.namespace();
  const large = 'l'.repeat(2_000_000);
  const first = `PUT ${namespace.path}/values/1 HTTP/1.1\r\n${HEAD}Content-Length: ${large.length}\r\n\r\n${large}`;
  const second = `PUT ${namespace.path}/values/2 HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\nnonsense\r\n`;
  const connection = await RawConnection.open(server.port);
  await connection.send(first + second);
  expect((await connection.answer()).status).toBe(200);
  expect(failureOf(await connection.answer())).toBe('400 10400');
  await connection.closed;
  expect(await namespace.keys()).toEqual(['1']);
});

test('nonsense behind an answer that is not read costs nothing for each of its pieces', async () => {
  const namespace = await server.namespace();
  const path = `${namespace.path}/values/k`;
  await namespace.put('k', 'v'.repeat(LIMITS.valueBytes));
  const connection = await RawConnection.open(server.port);
  connection.pause();
  await connection.send(`GET ${path} HTTP/1.1\r\n${HEAD}\r\n`);
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => warnings.push(warning);
  process.on('warning', onWarning);
  for (let piece = 0; piece < 100; piece++) {
    await connection.send('\0nonsense');
    // Each is to arrive by itself.
    await server.client.send('GET', '/healthz');
  }
  process.off('warning', onWarning);
  connection.reset();
  // Node warns where listeners add up.
  expect(warnings).toEqual([]);
});

test.each(['QUERY', 'OPTIONS', 'TRACE', 'PATCH', 'POST'])('%s where only other methods are known', async method => {
  const connection = await RawConnection.open(server.port);
  await connection.send(
    `${method} ${NAMESPACES_PATH}/${'0'.repeat(32)}/keys HTTP/1.1\r\n${HEAD}Content-Length: 0\r\n\r\n`,
  );
  const answer = await connection.answer();
  expect(failureOf(answer)).toBe('405 10000');
  expect(answer.head).toMatch(/^allow: GET, HEAD\r$/im);
  connection.end();
});

test('a request without Host is answered', async () => {
  const connection = await RawConnection.open(server.port);
  await connection.send(LIST.replace('Host: x\r\n', ''));
  expect((await connection.answer()).status).toBe(200);
  connection.end();
});

test('a path that only looks like that of a value leads nowhere', async () => {
  const connection = await RawConnection.open(server.port);
  const path = `${NAMESPACES_PATH}/${'0'.repeat(32)}/%76alues/k`;
  await connection.send(`GET ${path} HTTP/1.1\r\n${HEAD}\r\n`);
  expect(failureOf(await connection.answer())).toBe('404 7003');
  connection.end();
});
