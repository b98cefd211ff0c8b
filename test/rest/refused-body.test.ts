/** Bodies that nobody wants: answered at once, read to a bound, and no harm to the connection or the server. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../server/src/kv/limits.ts';
import type { Namespace } from './namespace.fixture.ts';
import { RawConnection } from './raw-connection.fixture.ts';
import { NAMESPACES_PATH, serveForTests, TOKEN } from './server.fixture.ts';

const server = serveForTests();
const HEAD = `Host: x\r\nAuthorization: Bearer ${TOKEN}\r\n`;
const LIST = `GET ${NAMESPACES_PATH} HTTP/1.1\r\n${HEAD}\r\n`;
const MEGABYTE = Buffer.alloc(1_000_000, 0x20);
const CHUNK = Buffer.concat([Buffer.from(`${MEGABYTE.length.toString(16)}\r\n`), MEGABYTE, Buffer.from('\r\n')]);

async function open(namespace: Namespace, path: string, announcement: string): Promise<RawConnection> {
  const connection = await RawConnection.open(server.port);
  await connection.send(`PUT ${namespace.path}${path} HTTP/1.1\r\n${HEAD}${announcement}\r\n\r\n`);
  return connection;
}

function lengthOf(megabytes: number): string {
  return `Content-Length: ${megabytes * MEGABYTE.length}`;
}

async function sendTimes(connection: RawConnection, piece: Uint8Array, times: number): Promise<void> {
  for (let time = 0; time < times && connection.isOpen; time++) await connection.send(piece);
}

describe('a body that announces more than 100 MB', () => {
  test('is refused before any of it has come, and the connection can be used again once it was sent', async () => {
    const connection = await open(await server.namespace(), '/bulk', lengthOf(110));
    const { status, body } = await connection.answer();
    expect(status).toBe(413);
    expect(JSON.parse(body)).toMatchObject({
      success: false,
      result: null,
      errors: [{ code: 10413, message: 'Request body exceeds the limit of 100000000 bytes.' }],
    });
    await sendTimes(connection, MEGABYTE, 110);
    await connection.send(LIST);
    expect((await connection.answer()).status).toBe(200);
    connection.end();
  });

  test('of 150 MB gets its answer, and is cut off where the bound for unwanted bytes is passed', async () => {
    const connection = await open(await server.namespace(), '/bulk', lengthOf(150));
    expect((await connection.answer()).status).toBe(413);
    await sendTimes(connection, MEGABYTE, 150);
    await connection.closed;
    expect((await server.client.send('GET', NAMESPACES_PATH)).status).toBe(200);
  });

  test('takes no memory to speak of', async () => {
    const before = heldBytes();
    const connection = await open(await server.namespace(), '/bulk', lengthOf(110));
    await connection.answer();
    await sendTimes(connection, MEGABYTE, 110);
    await connection.send(LIST);
    await connection.answer();
    expect(heldBytes() - before).toBeLessThan(10_000_000);
    connection.end();
  });
});

/** What buffers weigh that are still in use. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
  // What the first has found is given back by another thread, which only a second one waits for.
  collect();
  return process.memoryUsage().arrayBuffers;
}

test('a chunked body is refused where it passes 100 MB, and the connection can be used again', async () => {
  const connection = await open(await server.namespace(), '/bulk', 'Transfer-Encoding: chunked');
  await sendTimes(connection, CHUNK, 101);
  expect((await connection.answer()).status).toBe(413);
  await sendTimes(connection, CHUNK, 5);
  await connection.send(`0\r\n\r\n${LIST}`);
  expect((await connection.answer()).status).toBe(200);
  connection.end();
});

test('a chunked value is refused where it passes 25 MiB, and the connection can be used again', async () => {
  const namespace = await server.namespace();
  const connection = await open(namespace, '/values/k', 'Transfer-Encoding: chunked');
  await sendTimes(connection, CHUNK, 27);
  const { status, body } = await connection.answer();
  expect(status).toBe(413);
  expect(JSON.parse(body)).toMatchObject({ errors: [{ code: 10024 }] });
  await connection.send(`0\r\n\r\n${LIST}`);
  expect((await connection.answer()).status).toBe(200);
  connection.end();
  expect(await namespace.keys()).toEqual([]);
});

test('a small JSON body is refused past 1 MiB', async () => {
  const body = `{"title":"${'x'.repeat(LIMITS.jsonBodyBytes)}"}`;
  expect((await server.client.send('POST', NAMESPACES_PATH, body)).failure).toBe('413 10413');
});

test('the body of a request without credentials is not wanted', async () => {
  const connection = await RawConnection.open(server.port);
  await connection.send(`PUT ${NAMESPACES_PATH} HTTP/1.1\r\nHost: x\r\n${lengthOf(3)}\r\n\r\n`);
  expect((await connection.answer()).status).toBe(400);
  await sendTimes(connection, MEGABYTE, 3);
  await connection.send(LIST);
  expect((await connection.answer()).status).toBe(200);
  connection.end();
});

test('a client that sends on after a malformed head is cut off where the bound for unwanted bytes is passed', async () => {
  const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {});
  socket.resume();
  const closed = once(socket, 'close');
  socket.write(`PUT / HTTP/1.1\r\n${HEAD}X: \x7f\r\n${lengthOf(1_000)}\r\n\r\n`);
  for (let sent = 0; sent < 400 && !socket.destroyed; sent++) {
    if (!socket.write(MEGABYTE)) await Promise.race([once(socket, 'drain'), closed]).catch(() => undefined);
  }
  expect(socket.destroyed).toBe(true);
  expect(socket.bytesWritten).toBeGreaterThan(LIMITS.drainBytes);
});

describe('a client that goes away', () => {
  test.each([
    ['before the body', '/values/k', lengthOf(10), 0],
    ['within a value', '/values/k', lengthOf(10), 3],
    ['within a chunked value', '/values/k', 'Transfer-Encoding: chunked', 3],
    ['within a bulk', '/bulk', lengthOf(90), 3],
    ['within a refused bulk', '/bulk', lengthOf(110), 3],
    ['within a refused value', '/values/k', lengthOf(27), 3],
    ['before an unwanted body', '/nowhere', lengthOf(10), 0],
  ])('%s leaves nothing behind', async (_, path, announcement, pieces) => {
    const namespace = await server.namespace();
    const before = server.log.length;
    const connection = await open(namespace, path, announcement);
    await sendTimes(connection, announcement.startsWith('Content') ? MEGABYTE : CHUNK, pieces);
    connection.reset();
    await connection.closed;
    expect(await namespace.keys()).toEqual([]);
    const lines = () => server.log.slice(before).filter(({ method }) => method === 'PUT');
    await server.until(() => lines().length > 0);
    expect((await server.client.send('GET', NAMESPACES_PATH)).status).toBe(200);
    expect(lines()).toHaveLength(1);
    expect(server.defects).toEqual([]);
  });
});
