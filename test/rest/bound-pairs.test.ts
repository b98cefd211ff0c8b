/** One pair through a KV binding's protocol. */
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../server/src/kv/limits.ts';
import { BoundNamespace, refusal } from './bound-namespace.fixture.ts';
import type { Namespace } from './namespace.fixture.ts';
import { serveForTests } from './server.fixture.ts';

const server = serveForTests();

async function namespace(): Promise<{ rest: Namespace; bound: BoundNamespace }> {
  const rest = await server.namespace();
  return { rest, bound: new BoundNamespace(server.client, rest.id) };
}

test('what one surface writes, the other reads', async () => {
  const { rest, bound } = await namespace();
  await rest.put('a', 'by REST');
  expect((await bound.put('b', 'by binding')).status).toBe(200);
  expect((await bound.get('a')).text).toBe('by REST');
  expect((await rest.get('b')).text).toBe('by binding');
  await bound.delete('a');
  expect((await rest.get('a')).status).toBe(404);
});

test('a value comes as bytes, with its metadata and expiry in headers', async () => {
  const { bound } = await namespace();
  await bound.put('k', Uint8Array.of(0, 255), '&expiration_ttl=60', { 'cf-kv-metadata': '{"a":1}' });
  const { headers, bytes } = await bound.get('k');
  expect([...bytes]).toEqual([0, 255]);
  expect(headers['content-type']).toBe('application/octet-stream');
  expect(headers['cf-kv-metadata']).toBe('{"a":1}');
  expect(headers['cf-expiration']).toBe(String(server.now + 60));
});

test('a pair without metadata and expiry has neither header', async () => {
  const { bound } = await namespace();
  await bound.put('k', '', '', { 'cf-kv-metadata': 'null' });
  const { status, headers, text } = await bound.get('k');
  expect([status, text]).toEqual([200, '']);
  expect(headers).not.toHaveProperty('cf-kv-metadata');
  expect(headers).not.toHaveProperty('cf-expiration');
});

test('put and delete answer without a body; deleting what is not there is no error', async () => {
  const { bound } = await namespace();
  for (const answer of [await bound.put('k', 'v'), await bound.delete('k'), await bound.delete('k')]) {
    expect(answer.status).toBe(200);
    expect(answer.headers['content-length']).toBe('0');
  }
});

test('a missing key is a 404', async () => {
  const { bound } = await namespace();
  expect(refusal(await bound.get('k'))).toBe('404 key not found');
});

describe('the key', () => {
  test('is decoded once where it is marked as encoded, and taken as it stands otherwise', async () => {
    const { rest, bound } = await namespace();
    await bound.send('PUT', '/a%2Fb+c%2520?urlencoded=true', 'encoded');
    await bound.send('PUT', '/a%2Fb+c', 'as it stands');
    await bound.send('PUT', '/a/b?urlencoded=false', 'with a slash');
    expect(await rest.keys()).toEqual(['a%2Fb+c', 'a/b', 'a/b+c%20']);
  });

  test.each([
    'a/b',
    '../up',
    '..%2Fx',
    '%2F',
    'a+b',
    '\0',
    'a\nb',
    '👩‍🚀',
    '__proto__',
    '7',
    'bulk/get',
    'x'.repeat(512),
  ])('%j is the same to both surfaces', async key => {
    const { rest, bound } = await namespace();
    await bound.put(key, `value of ${key}`);
    expect((await rest.get(key)).text).toBe(`value of ${key}`);
    expect((await bound.get(key)).text).toBe(`value of ${key}`);
    expect((await bound.bulk('get', { keys: [key] })).text).toBe(
      `{${JSON.stringify(key)}:${JSON.stringify(`value of ${key}`)}}`,
    );
    await bound.delete(key);
    expect(await rest.keys()).toEqual([]);
  });

  test.each([
    ['%ED%A0%80', '400 Could not URL-decode key name'],
    ['%zz', '400 Could not URL-decode key name'],
    ['..', '400 Illegal key name "..". Please use a different name.'],
    ['x'.repeat(513), '414 UTF-8 encoded length of 513 exceeds key length limit of 512.'],
  ])('%s is refused', async (rawKey, expected) => {
    const { bound } = await namespace();
    for (const method of ['GET', 'PUT', 'DELETE']) {
      expect(refusal(await bound.send(method, `/${rawKey}?urlencoded=true`))).toBe(expected);
    }
  });
});

describe('metadata', () => {
  test.each([
    ['UTF-8', Buffer.from('{"u":"🤓é"}').toString('latin1'), { u: '🤓é' }],
    ['Latin-1', '"\xe9"', 'é'],
    ['ASCII with escapes', '"\\u00e9\\ud83e\\udd13"', 'é🤓'],
    ['a number', '-0.5', -0.5],
    ['a string', '"text"', 'text'],
  ])('in %s arrives', async (_, header, expected) => {
    const { rest, bound } = await namespace();
    await bound.put('k', 'v', '', { 'cf-kv-metadata': header });
    expect((await rest.metadata('k')).json.result).toEqual(expected);
  });

  test('goes out in ASCII on one line, whatever it came as', async () => {
    const { rest, bound } = await namespace();
    const metadata = '{ "a":\r\n\t"é🤓\x7f" }';
    await rest.bulkPutText(`[{"key":"k","value":"v","metadata":${metadata}}]`);
    expect((await bound.get('k')).headers['cf-kv-metadata']).toBe('{ "a":   "\\u00e9\\ud83e\\udd13\\u007f" }');
  });

  test.each([
    ['{', '400 metadata must be valid json'],
    ['', '400 metadata must be valid json'],
    [JSON.stringify('x'.repeat(1_023)), '413 Metadata length of 1025 exceeds limit of 1024.'],
  ])('%s is refused', async (header, expected) => {
    const { bound } = await namespace();
    expect(refusal(await bound.put('k', 'v', '', { 'cf-kv-metadata': header }))).toBe(expected);
    expect((await bound.get('k')).status).toBe(404);
  });

  test('is counted in UTF-8: 1,024 bytes are taken', async () => {
    const { bound } = await namespace();
    const header = Buffer.from(`"${'é'.repeat(511)}"`).toString('latin1');
    expect((await bound.put('k', 'v', '', { 'cf-kv-metadata': header })).status).toBe(200);
    expect((await bound.get('k')).headers['cf-kv-metadata']).toBe(`"${'\\u00e9'.repeat(511)}"`);
  });
});

describe('is refused, in words that the user of the binding sees,', () => {
  test.each([
    ['&expiration_ttl=59', '400 Invalid expiration_ttl of 59. Expiration TTL must be at least 60.'],
    ['&expiration_ttl=-5', '400 Invalid expiration_ttl of -5. Please specify integer greater than 0.'],
    [
      '&expiration=1',
      '400 Invalid expiration of 1. Please specify integer greater than the current number of seconds since the UNIX epoch.',
    ],
    [
      '&expiration=1800000059',
      '400 Invalid expiration of 1800000059. Expiration times must be at least 60 seconds in the future.',
    ],
    ['&expiration=1&expiration_ttl=0', '400 Invalid expiration_ttl of 0. Please specify integer greater than 0.'],
  ])('a put with %s', async (query, expected) => {
    const { bound } = await namespace();
    expect(refusal(await bound.put('k', 'v', query))).toBe(expected);
  });

  test.each(['29', '0', '-1', 'x', ''])('a get with a cacheTtl of %j', async ttl => {
    const { bound } = await namespace();
    const expected = `400 Invalid cache_ttl of ${ttl}. Cache TTL must be at least 30.`;
    expect(refusal(await bound.get('k', `&cache_ttl=${ttl}`))).toBe(expected);
  });

  test('a value that is too large, and the connection goes on', async () => {
    const { bound } = await namespace();
    const large = new Uint8Array(LIMITS.valueBytes + 1);
    const expected = '413 Value length of 26214401 exceeds limit of 26214400.';
    expect(refusal(await bound.put('k', large))).toBe(expected);
    const chunked = await bound.put('k', large, '', { 'transfer-encoding': 'chunked' });
    expect(refusal(chunked)).toMatch(/^413 Value length of \d+ exceeds limit of 26214400\.$/);
    expect(chunked.headers.connection).not.toBe('close');
    expect((await bound.put('k', 'v')).status).toBe(200);
  });

  test('a cacheTtl of 30 is not', async () => {
    const { bound } = await namespace();
    await bound.put('k', 'v');
    expect((await bound.get('k', '&cache_ttl=30')).text).toBe('v');
  });
});

test('the reason phrase is short ASCII, and the body has the whole text', async () => {
  const { bound } = await namespace();
  const type = 'é\n🤓';
  const answer = await bound.bulk('get', { keys: ['k'], type });
  expect(answer.status).toBe(400);
  expect(answer.reason).toBe('"\\u00e9\\u000a\\ud83e\\udd13" is not a valid type. Use "json" or "text"');
  expect(answer.text).toBe(`"${type}" is not a valid type. Use "json" or "text"`);
  expect(answer.headers['content-type']).toBe('text/plain; charset=UTF-8');
});
