/** One pair over HTTP: its value is read, written and deleted. */
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../server/src/kv/limits.ts';
import { form } from './namespace.fixture.ts';
import { serveForTests } from './server.fixture.ts';

const server = serveForTests();

/** The whole answer to a write or a deletion. */
const DONE = { result: null, errors: [], messages: [], success: true };

describe('reading', () => {
  test('answers the bytes as they were stored, without an envelope', async () => {
    const namespace = await server.namespace();
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    await namespace.put('k', bytes);
    const answer = await namespace.get('k');
    expect(answer.status).toBe(200);
    expect(answer.bytes).toEqual(Buffer.from(bytes));
    expect(answer.headers).toMatchObject({ 'content-type': 'application/octet-stream', 'content-length': '256' });
  });

  test('of a missing key is an envelope with 404', async () => {
    const answer = await (await server.namespace()).get('missing');
    expect(answer.status).toBe(404);
    expect(answer.json).toEqual({
      result: null,
      errors: [{ code: 10009, message: "get: 'key not found'" }],
      messages: [],
      success: false,
    });
  });

  test('by HEAD gives the headers of GET and no body', async () => {
    const namespace = await server.namespace();
    await namespace.put('k', 'four', '?expiration_ttl=60');
    const answer = await server.client.send('HEAD', `${namespace.path}/values/k`);
    expect(answer.status).toBe(200);
    expect(answer.bytes).toHaveLength(0);
    expect(answer.headers).toMatchObject({ 'content-length': '4', expiration: String(server.now + 60) });
    expect((await server.client.send('HEAD', `${namespace.path}/values/missing`)).status).toBe(404);
  });

  test('tells the expiration in a header, and nothing where there is none', async () => {
    const namespace = await server.namespace();
    await namespace.put('mortal', 'v', '?expiration_ttl=60');
    await namespace.put('immortal', 'v');
    expect((await namespace.get('mortal')).headers['expiration']).toBe(String(server.now + 60));
    expect((await namespace.get('immortal')).headers).not.toHaveProperty('expiration');
  });
});

describe('writing', () => {
  test('answers null, and the pair is readable at once by every route', async () => {
    const namespace = await server.namespace();
    const answer = await namespace.put('k', 'v');
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual(DONE);
    expect((await namespace.get('k')).text).toBe('v');
    expect((await namespace.metadata('k')).json).toEqual(DONE);
    expect(await namespace.keys()).toEqual(['k']);
    expect((await namespace.bulkGet({ keys: ['k'] })).result()).toEqual({ values: { k: 'v' } });
  });

  test.each([
    undefined,
    'application/json',
    'text/plain;charset=UTF-8',
    'application/octet-stream',
    'application/x-www-form-urlencoded',
    'nonsense',
    ' ; ',
    'multipart/mixed; boundary=b',
  ])('stores the body verbatim with the content type %j', async type => {
    const namespace = await server.namespace();
    const body = '{"metadata":{"a":1},"value":"v"}\r\n';
    const headers = type === undefined ? undefined : { 'content-type': type };
    expect((await namespace.put('k', body, '', headers)).status).toBe(200);
    expect((await namespace.get('k')).text).toBe(body);
    expect((await namespace.metadata('k')).json.result).toBeNull();
  });

  test.each([{ 'content-length': '0' }, { 'transfer-encoding': 'chunked' }])(
    'takes an empty body, %j',
    async headers => {
      const namespace = await server.namespace();
      expect((await server.client.send('PUT', `${namespace.path}/values/k`, undefined, headers)).status).toBe(200);
      const answer = await namespace.get('k');
      expect(answer.status).toBe(200);
      expect(answer.bytes).toHaveLength(0);
    },
  );

  test('over a pair drops its metadata and its expiration', async () => {
    const namespace = await server.namespace();
    await namespace.putForm('k', form({ value: 'old', metadata: '{"a":1}' }), '?expiration_ttl=60');
    await namespace.put('k', 'new');
    expect((await namespace.get('k')).headers).not.toHaveProperty('expiration');
    expect((await namespace.metadata('k')).json.result).toBeNull();
    expect((await namespace.list()).json.result).toEqual([{ name: 'k' }]);
  });

  test.each([
    { way: 'with its length', headers: undefined },
    { way: 'in chunks', headers: { 'transfer-encoding': 'chunked' } },
  ])('takes 25 MiB and not a byte more, sent $way', async ({ headers }) => {
    const namespace = await server.namespace();
    const largest = new Uint8Array(LIMITS.valueBytes).fill(7);
    const send = (body: Uint8Array) => namespace.put('k', body, '', headers);
    expect((await send(largest)).status).toBe(200);
    expect((await namespace.get('k')).bytes.equals(largest)).toBe(true);
    const refused = await send(new Uint8Array(LIMITS.valueBytes + 1));
    expect(refused.failure).toBe('413 10024');
    expect(refused.message).toBe("put: 'Value length of 26214401 exceeds limit of 26214400.'");
    expect((await namespace.get('k')).bytes.equals(largest)).toBe(true);
  });
});

describe('deleting', () => {
  test('answers null, and the pair is gone from every route', async () => {
    const namespace = await server.namespace();
    await namespace.put('k', 'v');
    const answer = await namespace.delete('k');
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual(DONE);
    expect((await namespace.get('k')).failure).toBe('404 10009');
    expect((await namespace.metadata('k')).failure).toBe('404 10009');
    expect(await namespace.keys()).toEqual([]);
    expect((await namespace.bulkGet({ keys: ['k'] })).result()).toEqual({ values: { k: null } });
  });

  test('a key that does not exist succeeds', async () => {
    expect((await (await server.namespace()).delete('missing')).json).toEqual(DONE);
  });

  test('tolerates a body', async () => {
    const namespace = await server.namespace();
    await namespace.put('k', 'v');
    expect((await server.client.sendJson('DELETE', `${namespace.path}/values/k`, {})).status).toBe(200);
    expect(await namespace.keys()).toEqual([]);
  });
});

describe('metadata', () => {
  test('of a missing key is 404', async () => {
    const answer = await (await server.namespace()).metadata('missing');
    expect(answer.failure).toBe('404 10009');
    expect(answer.message).toBe("metadata: 'key not found'");
  });

  test.each(['{"a":[1,null]}', '[]', '"text"', '0', 'false', 'true'])('may be %s', async metadata => {
    const namespace = await server.namespace();
    expect((await namespace.putForm('k', form({ value: 'v', metadata }))).status).toBe(200);
    expect((await namespace.metadata('k')).json.result).toEqual(JSON.parse(metadata));
    expect((await namespace.list()).json.result).toEqual([{ name: 'k', metadata: JSON.parse(metadata) }]);
  });

  test('null is none', async () => {
    const namespace = await server.namespace();
    await namespace.putForm('k', form({ value: 'v', metadata: ' null ' }));
    expect((await namespace.metadata('k')).json).toEqual(DONE);
    expect((await namespace.list()).json.result).toEqual([{ name: 'k' }]);
  });

  test('keeps every digit, wherever it is shown', async () => {
    const namespace = await server.namespace();
    const digits = '{"n":12345678901234567890.10,"e":1E400}';
    await namespace.putForm('form', form({ value: 'v', metadata: digits }));
    await namespace.bulkPutText(`[{"key":"bulk","value":"v","metadata":${digits}}]`);
    for (const key of ['form', 'bulk']) {
      expect((await namespace.metadata(key)).text).toContain(`"result":${digits},`);
      expect((await namespace.list({ prefix: key })).text).toContain(`"metadata":${digits}}`);
      const got = await namespace.bulkGet({ keys: [key], withMetadata: true });
      expect(got.text).toContain(`{"value":"v","metadata":${digits}}`);
    }
  });

  test('may have 1,024 bytes and not one more', async () => {
    const namespace = await server.namespace();
    const ofBytes = (bytes: number) => JSON.stringify(`é${'x'.repeat(bytes - 4)}`);
    expect((await namespace.putForm('k', form({ value: 'v', metadata: ofBytes(1024) }))).status).toBe(200);
    const refused = await namespace.putForm('k', form({ value: 'v', metadata: ofBytes(1025) }));
    expect(refused.failure).toBe('413 10047');
    expect(refused.message).toBe("put: 'Metadata length of 1025 exceeds limit of 1024.'");
  });

  test.each(['', '{', 'undefined', '{a:1}', "{'a':1}"])('that is not JSON is refused: %j', async metadata => {
    const namespace = await server.namespace();
    expect((await namespace.putForm('k', form({ value: 'v', metadata }))).failure).toBe('400 10147');
    expect((await namespace.get('k')).status).toBe(404);
  });
});
