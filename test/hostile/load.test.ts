/** More at once than there is room for: what waits, what is told to come back, and what it does to memory. */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../server/src/kv/limits.ts';
import type { RawConnection } from '../rest/raw-connection.fixture.ts';
import { CREDENTIALS, HAS_PROC, HostileServer } from './hostile-server.fixture.ts';

/** 10,000 pairs, and 100 MB in all. */
function largestBulk(): Buffer {
  const parts: Buffer[] = [];
  const empty = '[{"key":"12345678","value":""},'.length - 1;
  const value = Math.floor((LIMITS.bulkBodyBytes - 1) / LIMITS.bulkPutPairs) - empty;
  const text = randomBytes(value)
    .toString('latin1')
    .replace(/[^ -~]|["\\]/g, 'x');
  for (let pair = 0; pair < LIMITS.bulkPutPairs; pair++) {
    const key = String(pair).padStart(8, '0');
    parts.push(Buffer.from(`${pair === 0 ? '[' : ','}{"key":"${key}","value":"${text}"}`));
  }
  return Buffer.concat([...parts, Buffer.from(']')]);
}

describe.skipIf(!HAS_PROC)('eight bulks of 100 MB at once', () => {
  /** Fails without `admission.reserve` in `http/body-source.ts`, or with a budget of 1 GB. */
  test('take at most 600 MB over idle and all succeed, and small requests are answered meanwhile', async () => {
    const server = await HostileServer.start();
    const namespaces = await Promise.all(Array.from({ length: 8 }, () => server.namespace()));
    const others = await server.namespace();
    await others.put('k', 'v');
    const [idle, held] = [server.memory, await server.held()];
    const body = largestBulk();
    expect(body.length).toBeLessThanOrEqual(LIMITS.bulkBodyBytes);
    let done = 0;
    const bulks = namespaces.map(async namespace => {
      const { status } = await server.client.send('PUT', `${namespace.path}/bulk`, body);
      done++;
      return status;
    });
    let answered = 0;
    while (done < 8) {
      expect((await others.get('k')).text).toBe('v');
      expect((await others.put('k', 'v')).status).toBe(200);
      answered++;
    }
    expect(await Promise.all(bulks)).toEqual(Array(8).fill(200));
    expect(answered).toBeGreaterThan(8);
    expect(server.memoryPeak - idle).toBeLessThan(600);
    await server.holdsAtMost(held + 5);
  });
});

/** An upload of which the server knows and that does not go on. */
async function begin(server: HostileServer, path: string, announcement: string, bytes = ''): Promise<RawConnection> {
  const connection = await server.connect();
  await connection.send(`PUT ${path} HTTP/1.1\r\n${CREDENTIALS}${announcement}\r\n\r\n${bytes}`);
  return connection;
}

describe('while the budget is taken', () => {
  /** Fails without `overloaded` in `http/admission.ts`. */
  test('a large body waits, is told to come back, changes nothing, and is taken when there is room', async () => {
    const server = await HostileServer.start({ waitMs: 100 }, { inFlightBytesMax: 10_000_000 });
    const namespace = await server.namespace();
    const first = await begin(server, `${namespace.path}/bulk`, 'Content-Length: 9000000', 'x');
    await server.client.send('GET', '/healthz');
    const value = new Uint8Array(2_000_000);
    const refused = await namespace.put('k', value);
    expect(refused.failure).toBe('503 10503');
    expect(refused.headers['retry-after']).toBe('1');
    expect(await namespace.keys()).toEqual([]);
    first.reset();
    await first.closed;
    expect((await namespace.put('k', value)).status).toBe(200);
  });

  test('small and medium bodies, small values and lists do not wait', async () => {
    const server = await HostileServer.start({}, { inFlightBytesMax: 1 });
    const namespace = await server.namespace();
    const first = await begin(server, `${namespace.path}/bulk`, 'Content-Length: 90000000', 'x');
    await server.client.send('GET', '/healthz');
    for (const bytes of [1, LIMITS.smallBodyBytes, LIMITS.mediumBodyBytes]) {
      expect((await namespace.put('k', new Uint8Array(bytes))).status).toBe(200);
      expect((await namespace.get('k')).bytes).toHaveLength(bytes);
    }
    expect((await namespace.put('k', 'v', '', { 'transfer-encoding': 'chunked' })).status).toBe(200);
    expect(await namespace.keys()).toEqual(['k']);
    first.reset();
  });

  test('what is larger than all of the budget goes alone, one after the other', async () => {
    const server = await HostileServer.start({}, { inFlightBytesMax: 1 });
    const namespace = await server.namespace();
    const puts = Array.from({ length: 5 }, (_, key) => namespace.put(`k${key}`, new Uint8Array(3_000_000)));
    for (const { status } of await Promise.all(puts)) expect(status).toBe(200);
    const gets = Array.from({ length: 5 }, (_, key) => namespace.get(`k${key}`));
    for (const { bytes } of await Promise.all(gets)) expect(bytes).toHaveLength(3_000_000);
  });

  /** Fails where a body whose length is not known takes the budget piece by piece: they would wait for each other. */
  test('bodies that do not say how long they are do not wait for each other', async () => {
    const server = await HostileServer.start({}, { inFlightBytesMax: LIMITS.valueBytes });
    const namespace = await server.namespace();
    const value = new Uint8Array(20_000_000).fill(7);
    const puts = Array.from({ length: 8 }, (_, key) => {
      return namespace.put(`k${key}`, value, '', { 'transfer-encoding': 'chunked' });
    });
    for (const { status } of await Promise.all(puts)) expect(status).toBe(200);
    expect((await namespace.get('k7')).bytes.equals(value)).toBe(true);
  });

  /** Fails without the listener of `checkContinue` in `http/app.ts`. */
  test('who asks first is told to go on only if the body will be read', async () => {
    const server = await HostileServer.start();
    const namespace = await server.namespace();
    const expecting = 'Expect: 100-continue\r\nContent-Length: ';
    const taken = await begin(server, `${namespace.path}/values/k`, `${expecting}1`);
    expect((await taken.answer()).status).toBe(100);
    await taken.send('v');
    expect((await taken.answer()).status).toBe(200);
    for (const [path, length, status] of [
      ['/values/k', LIMITS.valueBytes + 1, 413],
      ['/nowhere', 1, 404],
    ] as const) {
      const refused = await begin(server, `${namespace.path}${path}`, `${expecting}${length}`);
      expect((await refused.answer()).status).toBe(status);
      await refused.closed;
    }
    const odd = await begin(server, `${namespace.path}/values/k`, 'Expect: the unexpected\r\nContent-Length: 1', 'v');
    expect((await odd.answer()).status).toBe(200);
    odd.end();
  });
});

/** Each takes a file descriptor here and one in the server: `ulimit -n` has to be above it. */
const IDLE = 5_000;

describe.skipIf(!HAS_PROC)('connections', () => {
  test('5,000 that are idle cost little, do not keep others out, and their memory comes back', async () => {
    const server = await HostileServer.start();
    const namespace = await server.namespace();
    await namespace.put('k', 'v');
    const [before, held] = [server.memory, await server.held()];
    // The second time round, what the first has left behind is used again.
    for (let wave = 0; wave < 2; wave++) {
      const connections: RawConnection[] = [];
      for (let count = 0; count < IDLE; count++) connections.push(await server.connect());
      const busy = connections.slice(0, 100);
      const get = `GET ${namespace.path}/values/k HTTP/1.1\r\n${CREDENTIALS}\r\n`;
      for (const connection of busy) await connection.send(get);
      for (const connection of busy) expect((await connection.answer()).body).toBe('v');
      expect((await namespace.get('k')).text).toBe('v');
      expect(server.memory - before).toBeLessThan(150);
      for (const connection of connections) connection.reset();
      await Promise.all(connections.map(({ closed }) => closed));
      expect((await namespace.get('k')).text).toBe('v');
    }
    await server.holdsAtMost(held + 5);
  });

  /** Fails without `waitingCounts` in `http/pipeline.ts`. */
  test('who sends requests without end behind one that takes its time is cut off', async () => {
    const server = await HostileServer.start({}, { inFlightBytesMax: 1 });
    const namespace = await server.namespace();
    await namespace.put('k', new Uint8Array(LIMITS.mediumBodyBytes + 1));
    const first = await begin(server, `${namespace.path}/bulk`, 'Content-Length: 90000000', 'x');
    await server.client.send('GET', '/healthz');
    const connection = await server.connect();
    const get = `GET ${namespace.path}/values/k HTTP/1.1\r\n${CREDENTIALS}\r\n`;
    await connection.send(get.repeat(LIMITS.pipelinedRequests));
    await server.client.send('GET', '/healthz');
    expect(connection.isOpen).toBe(true);
    await connection.send(get.repeat(2));
    await connection.closed;
    first.reset();
    expect((await namespace.get('k')).status).toBe(200);
  });
});
