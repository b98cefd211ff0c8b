/** Exports and counts. */
import { type AddressInfo, connect, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { Admission } from '../../server/src/http/admission.ts';
import { type Engine, EngineError, type Scan } from '../../server/src/kv/engine.ts';
import { LIMITS } from '../../server/src/kv/limits.ts';
import { packPairs } from '../../server/src/kv/puts.ts';
import { appWith } from './app.fixture.ts';
import { OwnEndpoints } from './own.fixture.ts';
import { START, serveForTests, TOKEN } from './server.fixture.ts';

const server = serveForTests();

async function open() {
  const namespace = await server.namespace();
  return { namespace, own: new OwnEndpoints(server.client, namespace) };
}

async function filled() {
  const opened = await open();
  await opened.namespace.bulkPut([
    { key: 'b/é', value: 'plain "text"', metadata: { customer: 42, tags: ['x'] } },
    { key: 'b/😀', value: 'w6/DvQ==', base64: true },
    { key: 'a', value: '_w==', metadata: { customer: '42' }, expiration: START + 1_000 },
    { key: 'c', value: '/wA=', base64: true, metadata: [1.5] },
  ]);
  return opened;
}

const PAIRS = [
  { key: 'a', value: '_w==', expiration: START + 1_000, metadata: { customer: '42' } },
  { key: 'b/é', value: 'plain "text"', metadata: { customer: 42, tags: ['x'] } },
  { key: 'b/😀', value: 'ïý' },
  { key: 'c', value: '/wA=', base64: true, metadata: [1.5] },
];

describe('an export', () => {
  test('has a line for every pair, as a bulk write takes it', async () => {
    const { own } = await filled();
    const answer = await own.export();
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/x-ndjson']);
    expect(await own.lines()).toEqual(PAIRS);
    const other = await server.namespace();
    expect((await other.bulkPut(await own.lines())).status).toBe(200);
    expect(await new OwnEndpoints(server.client, other).lines()).toEqual(PAIRS);
  });

  test('shows keys as they are listed, or keys alone', async () => {
    const { namespace, own } = await filled();
    expect(await own.lines({ show: 'pairs' })).toEqual(PAIRS);
    expect(await own.lines({ show: 'listing' })).toEqual((await namespace.list()).result());
    expect(await own.lines({ show: 'keys' })).toEqual(['a', 'b/é', 'b/😀', 'c']);
  });

  test('begins after a key and keeps to a prefix', async () => {
    const { own } = await filled();
    expect(await own.lines({ show: 'keys', prefix: 'b/' })).toEqual(['b/é', 'b/😀']);
    expect(await own.lines({ show: 'keys', after: 'b/é' })).toEqual(['b/😀', 'c']);
    expect(await own.lines({ show: 'keys', prefix: 'b/', after: 'b/é' })).toEqual(['b/😀']);
  });

  test('keeps to metadata that is as asked for', async () => {
    const { own } = await filled();
    const keys = (...where: string[]) => own.lines({ show: 'keys', where });
    expect(await keys('metadata.customer=42')).toEqual(['a', 'b/é']);
    expect(await keys('metadata.customer="42"')).toEqual(['a']);
    expect(await keys('metadata.customer=42', 'metadata.tags[0]=x')).toEqual(['b/é']);
    expect(await keys('metadata.customer!=42')).toEqual(['b/😀', 'c']);
    expect(await keys('metadata')).toEqual(['a', 'b/é', 'c']);
  });

  test('of nothing is empty', async () => {
    const { own } = await open();
    const answer = await own.export();
    expect([answer.status, answer.text]).toEqual([200, '']);
  });

  test('leaves out what has expired', async () => {
    const { own } = await filled();
    server.now = START + 1_000;
    expect(await own.lines({ show: 'keys' })).toEqual(['b/é', 'b/😀', 'c']);
    expect((await own.count()).result()).toEqual({ count: 3 });
    server.now = START;
  });

  test('keeps metadata as the text that was sent, on one line', async () => {
    const { namespace, own } = await open();
    await namespace.bulkPutText('[{"key":"k","value":"v","metadata":{ "n":\r\n 12345678901234567890.0 }}]');
    expect((await own.export()).text).toBe('{"key":"k","value":"v","metadata":{ "n":   12345678901234567890.0 }}\n');
  });

  test('goes out whole however large it and its values are', async () => {
    const { namespace, own } = await open();
    const [text, bytes] = ['"é"\n'.repeat(1_000_000), new Uint8Array(4_000_000).fill(255)];
    await namespace.put('large text', text);
    await namespace.put('large bytes', bytes);
    const keys = Array.from({ length: 5_000 }, (_, index) => `small ${String(index).padStart(5, '0')}`);
    await namespace.bulkPut(keys.map(key => ({ key, value: key.repeat(20) })));
    expect(await own.lines()).toEqual([
      { key: 'large bytes', value: Buffer.from(bytes).toString('base64'), base64: true },
      { key: 'large text', value: text },
      ...keys.map(key => ({ key, value: key.repeat(20) })),
    ]);
  });

  test('is told by HEAD to be there, without a body', async () => {
    const { own } = await filled();
    const answer = await server.client.send('HEAD', `${own.path}/export`);
    expect([answer.status, answer.headers['content-type'], answer.text]).toEqual([200, 'application/x-ndjson', '']);
    const missing = own.path.replace(/[0-9a-f]{32}$/, '0'.repeat(32));
    expect((await server.client.send('HEAD', `${missing}/export`)).status).toBe(404);
  });

  test.each([
    [{ show: 'values' }, '400 10400'],
    [{ where: 'key=1' }, '400 10400'],
    [{ where: Array(LIMITS.exportConditions + 1).fill('metadata') }, '400 10400'],
    [{ prefix: 'x'.repeat(LIMITS.keyBytes + 1) }, '414 10030'],
    [{ after: 'x'.repeat(LIMITS.keyBytes + 1) }, '414 10030'],
  ])('is refused with %j', async (query, failure) => {
    const { own } = await open();
    expect((await own.export(query)).failure).toBe(failure);
  });
});

describe('a count', () => {
  test('is that of the keys, or of those that begin with a prefix', async () => {
    const { own } = await filled();
    expect((await own.count()).result()).toEqual({ count: 4 });
    expect((await own.count({ prefix: 'b/' })).result()).toEqual({ count: 2 });
    expect((await own.count({ prefix: 'd' })).result()).toEqual({ count: 0 });
  });
});

const ADDRESS = { account: 'a'.repeat(32), id: '1'.repeat(32) };
const EXPORT = `/freehold/v1/accounts/${ADDRESS.account}/namespaces/${ADDRESS.id}/export`;
const REQUEST = `GET ${EXPORT} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\nConnection: close\r\n\r\n`;
const LAST_CHUNK = '\r\n0\r\n\r\n';
const PARTS = 4;

/** A client that has asked for an export. */
class Reader {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  readonly #chunks: Buffer[] = [];

  constructor(port: number, request: string) {
    this.socket = connect({ port, host: '127.0.0.1' });
    this.closed = new Promise(resolve => this.socket.on('close', () => resolve()));
    // That of a connection that was cut off.
    this.socket.on('error', () => {});
    this.socket.on('data', chunk => this.#chunks.push(chunk));
    this.socket.write(request);
  }

  /** All that has come. */
  get text(): string {
    return Buffer.concat(this.#chunks).toString('latin1');
  }
}

interface Meanwhile {
  /** Asked before each batch. */
  readonly onNext?: (engine: Engine, batch: number) => Promise<void>;
  readonly admission?: Admission;
}

/** An application with 40 MB of pairs, whose scans are watched. */
async function start({ onNext = () => Promise.resolve(), admission = new Admission() }: Meanwhile = {}) {
  const open = new Set<Scan>();
  let batches = 0;
  let inFlightBytesMax = 0;
  const watch = (inner: Engine, scan: Scan): Scan => {
    let batch = 0;
    const watched: Scan = {
      next: async () => {
        inFlightBytesMax = Math.max(inFlightBytesMax, admission.inFlightBytes);
        batches++;
        await onNext(inner, batch++);
        return scan.next();
      },
      close: () => {
        open.delete(watched);
        scan.close();
      },
    };
    open.add(watched);
    return watched;
  };
  const spoil = (inner: Engine): Partial<Engine> => ({
    scan: async (...asked) => watch(inner, await inner.scan(...asked)),
  });
  const { engine, listener, client } = await appWith(spoil, { admission });
  await engine.createNamespace(ADDRESS.account, { id: ADDRESS.id, title: 'title' });
  for (let part = 0; part < PARTS; part++) {
    const pairs = Array.from({ length: 1_000 }, (_, n) => ({ key: `${part}/${n}`, value: Buffer.alloc(10_000, 'v') }));
    await engine.write(ADDRESS, { puts: packPairs(pairs) });
  }
  const { port } = listener.address() as AddressInfo;
  const until = async (holds: () => boolean) => {
    while (!holds()) await new Promise(setImmediate);
  };
  const seen = () => ({ open: open.size, batches, inFlightBytes: admission.inFlightBytes, inFlightBytesMax });
  return { client, listener, engine, seen, until, reader: (request = REQUEST) => new Reader(port, request) };
}

describe('an export under way', () => {
  test.each([
    ['is ended by writes', () => Promise.reject(new EngineError('scanEnded'))],
    ['meets a defect', () => Promise.reject(new TypeError('a defect'))],
    ['meets the end of the engine', (engine: Engine) => engine.close()],
  ])('that %s is cut off, so that nobody takes it for whole', async (_, fail) => {
    const onNext = (engine: Engine, batch: number) => (batch === 9 ? fail(engine) : Promise.resolve());
    const { reader, seen } = await start({ onNext });
    const asked = reader();
    await asked.closed;
    expect(asked.text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(asked.text.length).toBeGreaterThan(1_000_000);
    expect(asked.text.endsWith(LAST_CHUNK)).toBe(false);
    expect(seen()).toMatchObject({ open: 0, inFlightBytes: 0 });
  });

  test('by HTTP/1.0, where the end of the connection is that of the answer, is refused', async () => {
    const { reader, seen } = await start();
    const asked = reader(REQUEST.replace('HTTP/1.1', 'HTTP/1.0'));
    await asked.closed;
    expect(asked.text).toMatch(/^HTTP\/1\.1 505 /);
    expect(seen()).toMatchObject({ open: 0, batches: 0 });
  });

  test('that fails before anything was sent is refused', async () => {
    const { client, seen } = await start({ onNext: () => Promise.reject(new EngineError('scanEnded')) });
    const answer = await client.send('GET', EXPORT);
    expect([answer.failure, answer.headers['retry-after']]).toEqual(['503 10503', '1']);
    expect(seen()).toMatchObject({ open: 0, inFlightBytes: 0 });
  });

  test('goes out to its last chunk, with no more in memory than a batch at a time', async () => {
    const { reader, seen } = await start();
    const asked = reader();
    await asked.closed;
    expect(asked.text.endsWith(LAST_CHUNK)).toBe(true);
    expect(asked.text.match(/^\{"key":/gm)).toHaveLength(PARTS * 1_000);
    expect(seen()).toMatchObject({ open: 0, inFlightBytes: 0 });
    expect(seen().inFlightBytesMax).toBeLessThanOrEqual(2 * LIMITS.mediumBodyBytes);
  });

  test('closes its scan when the client goes away, also while it does not read', async () => {
    const { reader, seen, until } = await start();
    const asked = reader();
    asked.socket.pause();
    await until(() => seen().batches > 2);
    asked.socket.resetAndDestroy();
    await until(() => seen().open === 0);
    expect(seen()).toMatchObject({ inFlightBytes: 0 });
  });

  test('of a client that reads too slowly is given up', async () => {
    const { reader, seen, until } = await start({ admission: new Admission({ windowMs: 50 }) });
    const asked = reader();
    asked.socket.pause();
    await until(() => seen().batches > 0);
    await until(() => seen().open === 0);
    asked.socket.resume();
    await asked.closed;
    expect(asked.text.endsWith(LAST_CHUNK)).toBe(false);
    expect(asked.text.length).toBeLessThan(PARTS * 10_000_000);
  });

  test('is cut off when a server that stops closes what is left of its connections', async () => {
    const { reader, seen, until, listener } = await start();
    const asked = reader();
    asked.socket.pause();
    await until(() => seen().batches > 0);
    listener.closeAllConnections();
    await until(() => seen().open === 0);
    asked.socket.resume();
    await asked.closed;
    expect(asked.text.endsWith(LAST_CHUNK)).toBe(false);
  });

  test('lets other requests have their turn', async () => {
    const { reader, client, seen, until, engine } = await start();
    await engine.put(ADDRESS, { key: 'k', value: Buffer.from('v') });
    const asked = reader();
    await until(() => seen().batches > 0);
    const path = `/client/v4/accounts/${ADDRESS.account}/storage/kv/namespaces/${ADDRESS.id}/values/k`;
    expect((await client.send('GET', path)).text).toBe('v');
    expect(seen().open).toBe(1);
    await asked.closed;
  });
});
