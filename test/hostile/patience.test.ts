/** Clients that take their time: with headers, with bodies, with reading answers, or by doing nothing at all. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { LIMITS } from '../../server/src/kv/limits.ts';
import { CREDENTIALS, HAS_PROC, HostileServer } from './hostile-server.fixture.ts';

const MEGABYTE = 1_000_000;

/** A connection from which nothing is read until it is asked to. */
async function unread(port: number, bytes: string): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  onTestFinished(() => {
    socket.destroy();
  });
  socket.on('error', () => {});
  socket.pause();
  await once(socket, 'connect');
  socket.write(bytes);
  return socket;
}

describe('is ended with 408', () => {
  /** Fails without `headersTimeout` and `connectionsCheckingInterval` in `http/app.ts`. */
  test.each([
    ['a connection that says nothing', ''],
    ['a request line that does not end', 'GET /'],
    ['headers that do not end', `GET / HTTP/1.1\r\n${CREDENTIALS}`],
  ])('%s', async (_, bytes) => {
    const server = await HostileServer.start({ requestHeadersMs: 100, requestMs: 60_000, requestCheckMs: 20 });
    const connection = await server.connect();
    await connection.send(bytes);
    const { status, head, body } = await connection.answer();
    expect([status, JSON.parse(body).errors[0].code]).toEqual([408, 10408]);
    expect(head).toMatch(/^connection: close\r$/im);
    await connection.closed;
  });

  /** Fails without `transfers.add` in `http/body-source.ts`. */
  test.each([
    ['a body that never begins', 'Content-Length: 10', ''],
    ['a body that stops', 'Content-Length: 10000000', 'x'.repeat(500_000)],
    ['a chunked body that stops', 'Transfer-Encoding: chunked', '5\r\nab'],
    ['a compressed body that stops', 'Content-Encoding: gzip\r\nContent-Length: 100', '\x1f\x8b\x08\0'],
  ])('%s', async (_, announcement, bytes) => {
    const server = await HostileServer.start({ windowMs: 100 });
    const namespace = await server.namespace();
    const connection = await server.connect();
    await connection.send(`PUT ${namespace.path}/values/k HTTP/1.1\r\n${CREDENTIALS}${announcement}\r\n\r\n${bytes}`);
    const { status, head, body } = await connection.answer();
    expect([status, JSON.parse(body).errors[0].code]).toEqual([408, 10408]);
    expect(head).toMatch(/^connection: close\r$/im);
    await connection.closed;
    expect(await namespace.keys()).toEqual([]);
  });
});

test('a body that goes on arriving fast enough is taken, however long it takes', async () => {
  const server = await HostileServer.start({ windowMs: 200 });
  const namespace = await server.namespace();
  const connection = await server.connect();
  const pieces = 40;
  await connection.send(
    `PUT ${namespace.path}/values/k HTTP/1.1\r\n${CREDENTIALS}Content-Length: ${pieces * LIMITS.transferWindowBytes}\r\n\r\n`,
  );
  const piece = 'x'.repeat(LIMITS.transferWindowBytes);
  for (let sent = 0; sent < pieces; sent++) {
    await connection.send(piece);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  expect((await connection.answer()).status).toBe(200);
  connection.end();
});

describe.skipIf(!HAS_PROC)('clients that ask for 25 MiB and never read', () => {
  const CLIENTS = 40;
  const VALUES = 6;

  /** Fails without the map `#sent` of `http/admission.ts`, or the shared values of `engine/sqlite/pair-reader.ts`. */
  test('cost one value where it is the same, be they 40', async () => {
    const server = await HostileServer.start();
    const namespace = await server.namespace();
    await namespace.put('k', new Uint8Array(LIMITS.valueBytes));
    const [before, held] = [server.memory, await server.held()];
    const request = `GET ${namespace.path}/values/k HTTP/1.1\r\n${CREDENTIALS}\r\n`;
    await Promise.all(Array.from({ length: CLIENTS }, () => unread(server.port, request)));
    for (let look = 0; look < 5; look++) expect((await namespace.get('k')).bytes).toHaveLength(LIMITS.valueBytes);
    expect((await server.held()) - held).toBeLessThan(30);
    expect(server.memory - before).toBeLessThan(250);
  });

  /** Fails without `mayGoOut` in `http/values.ts` (memory), and without `watch` in `http/answer.ts` (they stay). */
  test('cost no more than the budget where each has its own, are given up, and others are served', async () => {
    const budget = 2 * LIMITS.valueBytes;
    const server = await HostileServer.start({ windowMs: 1_500, waitMs: 500 }, { inFlightBytesMax: budget });
    const namespace = await server.namespace();
    for (let key = 0; key < VALUES; key++) await namespace.put(`k${key}`, new Uint8Array(LIMITS.valueBytes));
    await namespace.put('small', 'v');
    const [before, held] = [server.memory, await server.held()];
    const sockets = await Promise.all(
      Array.from({ length: VALUES }, (_, key) =>
        unread(server.port, `GET ${namespace.path}/values/k${key} HTTP/1.1\r\n${CREDENTIALS}\r\n`),
      ),
    );
    expect((await namespace.get('small')).text).toBe('v');
    expect((await namespace.put('other', 'w')).status).toBe(200);
    expect(server.memory - before).toBeLessThan(budget / MEGABYTE + 150);
    await server.holdsAtMost(held + 5);
    const answers = await Promise.all(sockets.map(answerOf));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 503]));
    expect(answers.filter(({ bytes }) => bytes >= LIMITS.valueBytes)).toEqual([]);
    expect((await namespace.get('k0')).bytes).toHaveLength(LIMITS.valueBytes);
  });
});

/** What there is still to read on a connection that the server has given up. */
async function answerOf(socket: Socket): Promise<{ status: number; bytes: number }> {
  let status: number | undefined;
  let bytes = 0;
  socket.on('data', chunk => {
    status ??= Number(/^HTTP\/1\.1 (\d+)/.exec(chunk.toString('latin1'))?.[1]);
    bytes += chunk.length;
    if (status === 503) socket.end();
  });
  await once(socket.resume(), 'close');
  return { status: status ?? expect.unreachable('no answer has come'), bytes };
}
