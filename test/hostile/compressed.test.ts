/** Bodies that are compressed: taken, bounded by what they become, and refused where they are not whole. */
import { randomBytes } from 'node:crypto';
import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { Admission } from '../../server/src/http/admission.ts';
import { LIMITS } from '../../server/src/kv/limits.ts';
import { appWith } from '../rest/app.fixture.ts';
import { serveForTests } from '../rest/server.fixture.ts';

const server = serveForTests();

const CODINGS: Readonly<Record<string, (bytes: Uint8Array) => Buffer>> = {
  gzip: gzipSync,
  'x-gzip': gzipSync,
  GZip: gzipSync,
  deflate: deflateSync,
  br: bytes => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } }),
  zstd: zstdCompressSync,
};
const codings = Object.entries(CODINGS);
const distinct = codings.filter(([name]) => /^[a-z]+$/.test(name));
const CHUNKED = { 'transfer-encoding': 'chunked' };

describe.each(codings)('%s', (encoding, compress) => {
  const headers = { 'content-encoding': encoding };

  test('a value is stored as what was compressed, and read so', async () => {
    const namespace = await server.namespace();
    for (const [key, value] of Object.entries({
      empty: Buffer.alloc(0),
      short: Buffer.from('v'),
      long: randomBytes(700_000),
    })) {
      expect((await namespace.put(key, compress(value), '', headers)).status).toBe(200);
      expect((await namespace.put(`${key} chunked`, compress(value), '', { ...headers, ...CHUNKED })).status).toBe(200);
      const read = await namespace.get(key);
      expect(read.headers['content-encoding']).toBeUndefined();
      expect(read.bytes.equals(value)).toBe(true);
      expect((await namespace.get(`${key} chunked`)).bytes.equals(value)).toBe(true);
    }
  });

  test('every other body is read so, too', async () => {
    const namespace = await server.namespace();
    const send = (method: string, path: string, body: unknown) =>
      server.client.send(method, `${namespace.path}${path}`, compress(Buffer.from(JSON.stringify(body))), headers);
    expect((await send('PUT', '/bulk', [{ key: 'a', value: 'v' }])).status).toBe(200);
    expect((await send('POST', '/bulk/get', { keys: ['a'] })).result()).toEqual({ values: { a: 'v' } });
    expect((await send('POST', '/bulk/delete', ['a'])).status).toBe(200);
    expect((await send('PUT', '', { title: `renamed by ${encoding}` })).status).toBe(200);
    expect(await namespace.keys()).toEqual([]);
  });
});

describe.each(distinct)('%s', (encoding, compress) => {
  const headers = { 'content-encoding': encoding };

  /** Fails without `if (this.#count > this.#limit)` in `http/body-source.ts`. */
  test('a bomb is refused, having been inflated no further than the limit and one chunk', async () => {
    const namespace = await server.namespace();
    const value = await namespace.put('k', compress(Buffer.alloc(2 * LIMITS.valueBytes)), '', headers);
    expect(value.failure).toBe('413 10024');
    const bytes = Number(/length of (\d+)/.exec(value.message ?? '')?.[1]);
    expect(bytes).toBeGreaterThan(LIMITS.valueBytes);
    expect(bytes).toBeLessThanOrEqual(LIMITS.valueBytes + LIMITS.inflatedChunkBytes);
    const bulk = compress(Buffer.alloc(LIMITS.bulkBodyBytes + 1, ' '));
    expect((await server.client.send('PUT', `${namespace.path}/bulk`, bulk, headers)).failure).toBe('413 10413');
    const json = compress(Buffer.alloc(LIMITS.jsonBodyBytes + 1, ' '));
    expect((await server.client.send('PUT', namespace.path, json, headers)).failure).toBe('413 10413');
    expect(await namespace.keys()).toEqual([]);
  });

  /** Fails without `decoder.on('error')` in `http/body-source.ts`, the second half without `GOES_ON`. */
  test('what is cut short, changed, or goes on after its end is refused, and nothing is stored', async () => {
    const namespace = await server.namespace();
    const whole = compress(randomBytes(200_000));
    const changed = Buffer.from(whole);
    changed.fill(0xff, 0, 20);
    const bodies = [
      Buffer.alloc(0),
      whole.subarray(0, 1),
      whole.subarray(0, -1),
      changed,
      Buffer.concat([whole, Buffer.from('x')]),
    ];
    for (const body of bodies) {
      const sent = [headers, { ...headers, ...CHUNKED }].map(own => namespace.put('k', body, '', own));
      for (const { failure } of await Promise.all(sent)) expect(failure).toBe('400 10400');
    }
    expect(await namespace.keys()).toEqual([]);
    // The connection goes on to be of use.
    expect((await namespace.put('k', whole, '', headers)).status).toBe(200);
  });

  test('has given back all of its budget afterwards', async () => {
    const admission = new Admission();
    const { client } = await appWith(undefined, { admission });
    const path = '/client/v4/accounts/0123456789abcdef0123456789abcdef/storage/kv/namespaces';
    const { id } = (await client.sendJson('POST', path, { title: 'x' })).result<{ id: string }>();
    const bodies = [
      compress(randomBytes(3_000_000)),
      compress(Buffer.alloc(2 * LIMITS.valueBytes)),
      Buffer.from('nonsense'),
    ];
    const answers = bodies.map(body => client.send('PUT', `${path}/${id}/values/k`, body, headers));
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 413, 400]);
    expect([admission.inFlightBytes, admission.waiting]).toEqual([0, 0]);
  });
});

test.each(['gzip, gzip', 'br,gzip', 'lzma', 'compress', '', 'constructor', 'gzip;q=1'])(
  'Content-Encoding %j is refused, and told what would be taken',
  async encoding => {
    const namespace = await server.namespace();
    const answer = await namespace.put('k', gzipSync('v'), '', { 'content-encoding': encoding });
    expect(answer.failure).toBe('415 10415');
    expect(answer.headers['accept-encoding']).toBe('gzip, deflate, br, zstd');
    expect(await namespace.keys()).toEqual([]);
  },
);

test('several members of gzip are one body, as RFC 1952 has it', async () => {
  const namespace = await server.namespace();
  const body = Buffer.concat([gzipSync('ab'), gzipSync('cd')]);
  expect((await namespace.put('k', body, '', { 'content-encoding': 'gzip' })).status).toBe(200);
  expect((await namespace.get('k')).text).toBe('abcd');
});

/** Of several frames Node's decoder gives the first alone; fails without the check of `decoder.bytesWritten`. */
test('several frames of zstd are refused rather than cut short', async () => {
  const namespace = await server.namespace();
  const body = Buffer.concat([zstdCompressSync('ab'), zstdCompressSync('cd')]);
  expect((await namespace.put('k', body, '', { 'content-encoding': 'zstd' })).failure).toBe('400 10400');
});

/** Fails without `ZSTD_d_windowLogMax` in `http/content-coding.ts`. */
test('zstd that asks for a window of more than 8 MiB is refused', async () => {
  const namespace = await server.namespace();
  const headers = { 'content-encoding': 'zstd' };
  const withWindow = (log: number) =>
    zstdCompressSync(Buffer.alloc(20_000_000), { params: { [constants.ZSTD_c_windowLog]: log } });
  expect((await namespace.put('k', withWindow(24), '', headers)).failure).toBe('400 10400');
  expect((await namespace.put('k', withWindow(23), '', headers)).status).toBe(200);
});
