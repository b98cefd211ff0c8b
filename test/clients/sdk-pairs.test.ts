import { randomBytes } from 'node:crypto';
import type Cloudflare from 'cloudflare';
import { BadRequestError, NotFoundError, toFile } from 'cloudflare';
import { beforeAll, describe, expect, test } from 'vitest';
import { useFreehold } from './freehold.fixture.ts';
import { account, collect, newNamespace, sdk } from './sdk.fixture.ts';

const freehold = useFreehold();
let client: Cloudflare;
let id: string;
let at: { account_id: string; namespace_id: string };

beforeAll(async () => {
  client = sdk(freehold);
  id = await newNamespace(client, 'pairs');
  at = { ...account, namespace_id: id };
});

async function bytesOf(key: string): Promise<Buffer> {
  const response = await client.kv.namespaces.values.get(key, at);
  return Buffer.from(await response.arrayBuffer());
}

describe('values', () => {
  test('a string, a File and a Blob come back byte for byte', async () => {
    const { values } = client.kv.namespaces;
    const binary = Uint8Array.from(randomBytes(100_000));
    expect(await values.update('text', { ...at, value: 'zwölf ☕' })).toBe(null);
    await values.update('File', { ...at, value: new File([binary], 'name.bin', { type: 'image/png' }) });
    await values.update('Blob', { ...at, value: await toFile(new Blob([binary])) });
    expect(String(await bytesOf('text'))).toBe('zwölf ☕');
    expect(await bytesOf('File')).toEqual(Buffer.from(binary));
    expect(await bytesOf('Blob')).toEqual(Buffer.from(binary));
  });

  test('a value of 25 MiB comes back; one byte more is refused', async () => {
    const { values } = client.kv.namespaces;
    const largest = Uint8Array.from(randomBytes(26_214_400));
    await values.update('largest', { ...at, value: await toFile(largest) });
    expect((await bytesOf('largest')).equals(largest)).toBe(true);
    const larger = values.update('larger', { ...at, value: await toFile(new Uint8Array(26_214_401)) });
    await expect(larger).rejects.toMatchObject({ status: 413 });
  });

  test('line breaks in a string arrive as CRLF, those in a File as they are', async () => {
    const { values } = client.kv.namespaces;
    await values.update('lines', { ...at, value: 'a\nb' });
    expect(String(await bytesOf('lines'))).toBe('a\r\nb');
    await values.update('lines', { ...at, value: await toFile(Buffer.from('a\nb')) });
    expect(String(await bytesOf('lines'))).toBe('a\nb');
  });

  test('the expiration is told with the value', async () => {
    const { values } = client.kv.namespaces;
    const expiration = Math.floor(Date.now() / 1000) + 3_600;
    await values.update('dated', { ...at, value: 'x', expiration });
    expect((await values.get('dated', at)).headers.get('expiration')).toBe(String(expiration));
    await values.update('dated', { ...at, value: 'x', expiration, expiration_ttl: 86_400 });
    expect(Number((await values.get('dated', at)).headers.get('expiration'))).toBeGreaterThan(expiration + 80_000);
  });

  test('a deleted pair is gone; deleting it again is no error', async () => {
    const { values } = client.kv.namespaces;
    await values.update('deleted', { ...at, value: 'x' });
    expect(await values.delete('deleted', at)).toBe(null);
    expect(await values.delete('deleted', at)).toBe(null);
    const missing = values.get('deleted', at);
    await expect(missing).rejects.toBeInstanceOf(NotFoundError);
    await expect(missing).rejects.toMatchObject({ status: 404, errors: [{ code: 10009 }] });
  });

  test.each([
    'a/b/c',
    '/',
    'a//b',
    '../up',
    'space and + plus',
    '100%',
    '%2F',
    'what?',
    '?',
    'a#b',
    'ключ',
    '👩‍🚀',
    ";:@=&,!$'()*~",
    'bulk/get',
    'a\0b',
    'new\nline',
    '7',
    '__proto__',
    'x'.repeat(512),
  ])('the key %j is the same one to every operation', async key => {
    const { values, metadata, keys } = client.kv.namespaces;
    // As a string of its own, whose line breaks multipart leaves alone.
    const value = `value of ${JSON.stringify(key)}`;
    await values.update(key, { ...at, value, metadata: JSON.stringify({ key }) });
    expect(String(await bytesOf(key))).toBe(value);
    expect(await metadata.get(key, at)).toEqual({ key });
    expect(await collect(keys.list(id, { ...account, prefix: key }))).toEqual([{ name: key, metadata: { key } }]);
    const got = await client.kv.namespaces.bulkGet(id, { ...account, keys: [key] });
    expect(got?.values).toEqual({ [key]: value });
    await values.delete(key, at);
    await expect(values.get(key, at)).rejects.toBeInstanceOf(NotFoundError);
  });
});

describe('metadata', () => {
  test('is a JSON text when written and any JSON value when read', async () => {
    const { values, metadata } = client.kv.namespaces;
    for (const value of [{ a: [1, { b: null }] }, [], 'text', 7, false]) {
      await values.update('described', { ...at, value: 'x', metadata: JSON.stringify(value) });
      expect(await metadata.get('described', at)).toEqual(value);
    }
  });

  test('is null where there is none, and goes when the pair is written anew', async () => {
    const { values, metadata } = client.kv.namespaces;
    await values.update('overwritten', { ...at, value: 'x', metadata: '{"a":1}' });
    await values.update('overwritten', { ...at, value: 'x' });
    expect(await metadata.get('overwritten', at)).toBe(null);
    const missing = metadata.get('missing', at);
    await expect(missing).rejects.toBeInstanceOf(NotFoundError);
    await expect(missing).rejects.toMatchObject({ errors: [{ code: 10009 }] });
  });

  test('given as an object is not stored: the SDK takes it apart into fields of its own', async () => {
    const { values, metadata } = client.kv.namespaces;
    await values.update('object', { ...at, value: 'x', metadata: { a: 1 } });
    expect(await metadata.get('object', at)).toBe(null);
  });

  test('that is not JSON is refused, and nothing is written', async () => {
    const { values } = client.kv.namespaces;
    const refused = values.update('refused', { ...at, value: 'x', metadata: '{a' });
    await expect(refused).rejects.toBeInstanceOf(BadRequestError);
    await expect(values.get('refused', at)).rejects.toBeInstanceOf(NotFoundError);
  });
});
