/** Writing a value as multipart/form-data, the way that carries metadata. */
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../server/src/kv/limits.ts';
import type { Answer } from './client.fixture.ts';
import { form, type Namespace } from './namespace.fixture.ts';
import { serveForTests } from './server.fixture.ts';

const server = serveForTests();

const FORM = { 'content-type': 'multipart/form-data; boundary=b' };

function part(disposition: string, content: string, ...headers: string[]): string {
  const head = [`Content-Disposition: form-data; ${disposition}`, ...headers].join('\r\n');
  return `--b\r\n${head}\r\n\r\n${content}\r\n`;
}

const END = '--b--\r\n';
const VALUE = part('name="value"', 'v');
const METADATA = part('name="metadata"', '{"a":1}');

async function stored(namespace: Namespace): Promise<{ value: string; metadata: unknown }> {
  return { value: (await namespace.get('k')).text, metadata: (await namespace.metadata('k')).json.result };
}

async function put(body: string, headers = FORM): Promise<{ answer: Answer; namespace: Namespace }> {
  const namespace = await server.namespace();
  return { answer: await namespace.put('k', Buffer.from(body), '', headers), namespace };
}

describe('the parts', () => {
  test.each([
    ['value, then metadata', VALUE + METADATA],
    ['metadata, then value', METADATA + VALUE],
    ['a value that is a file', part('name="value"; filename="f.bin"', 'v', 'Content-Type: image/png') + METADATA],
    ['metadata that is a file', VALUE + part('name="metadata"; filename="m.json"', '{"a":1}')],
    ['metadata with a content type', VALUE + part('name="metadata"', '{"a":1}', 'Content-Type: application/json')],
    ['names without quotes', part('name=value', 'v') + part('name=metadata', '{"a":1}')],
    ['more parts than these', part('name="other"', 'x') + VALUE + part('name="__proto__"', 'x') + METADATA],
    ['a second value and second metadata', VALUE + METADATA + part('name="value"', 'w') + part('name="metadata"', '2')],
  ])('may be %s', async (_, parts) => {
    const { answer, namespace } = await put(parts + END);
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({ result: null, errors: [], messages: [], success: true });
    expect(await stored(namespace)).toEqual({ value: 'v', metadata: { a: 1 } });
  });

  test('may be a value alone', async () => {
    const { answer, namespace } = await put(VALUE + END);
    expect(answer.status).toBe(200);
    expect(await stored(namespace)).toEqual({ value: 'v', metadata: null });
  });

  test('named metadata[x] are ignored', async () => {
    const parts = part('name="metadata[a]"', '1') + VALUE + part('name="metadata[b][c][]"', '2');
    const { answer, namespace } = await put(parts + END);
    expect(answer.status).toBe(200);
    expect(await stored(namespace)).toEqual({ value: 'v', metadata: null });
  });

  test('keep line breaks, what looks like a boundary and empty values as they are', async () => {
    for (const value of ['a\r\nb\nc\r\n', 'a--b', '\n--b--\n', '\r\n--a', '']) {
      const { answer, namespace } = await put(part('name="value"', value) + END);
      expect(answer.status).toBe(200);
      expect((await namespace.get('k')).text).toBe(value);
    }
  });

  test('keep bytes that are not text', async () => {
    const namespace = await server.namespace();
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    expect((await namespace.putForm('k', form({ value: new Blob([bytes]) }))).status).toBe(200);
    expect((await namespace.get('k')).bytes).toEqual(Buffer.from(bytes));
  });

  test('go with an expiration in the query', async () => {
    const namespace = await server.namespace();
    await namespace.putForm('k', form({ value: 'v', metadata: '1' }), '?expiration_ttl=60');
    expect((await namespace.list()).json.result).toEqual([{ name: 'k', expiration: server.now + 60, metadata: 1 }]);
  });
});

describe('refused, with nothing written:', () => {
  test.each([
    ['no value', METADATA + END, '400 10047'],
    ['no parts', END, '400 10047'],
    ['cut off within a part', VALUE.slice(0, -4), '400 10012'],
    ['cut off before the end', VALUE + METADATA, '400 10012'],
    ['cut off within a header', '--b\r\nContent-Dispo', '400 10012'],
    ['an empty body', '', '400 10012'],
    ['another boundary', VALUE.replaceAll('--b', '--c') + END.replaceAll('--b', '--c'), '400 10012'],
    ['too many parts', part('name="x"', '').repeat(LIMITS.multipartParts) + VALUE + END, '400 10012'],
  ])('%s', async (_, body, failure) => {
    const { answer, namespace } = await put(body);
    expect(answer.failure).toBe(failure);
    expect(await namespace.keys()).toEqual([]);
  });

  test.each(['multipart/form-data', 'multipart/form-data; boundary=', 'Multipart/Form-Data; charset=utf-8'])(
    'the content type %s, which names no boundary',
    async type => {
      const { answer, namespace } = await put(VALUE + END, { 'content-type': type });
      expect(answer.failure).toBe('400 10012');
      expect(await namespace.keys()).toEqual([]);
    },
  );
});

test('a value of 25 MiB is taken, with metadata, and one byte more is not', async () => {
  const namespace = await server.namespace();
  const largest = new Uint8Array(LIMITS.valueBytes).fill(7);
  const metadata = JSON.stringify('x'.repeat(LIMITS.metadataBytes - 2));
  expect((await namespace.putForm('k', form({ value: new Blob([largest]), metadata }))).status).toBe(200);
  expect((await namespace.get('k')).bytes.equals(largest)).toBe(true);
  const refused = await namespace.putForm('l', form({ value: new Blob([largest, 'x']) }));
  expect(refused.failure).toBe('413 10024');
  expect(refused.message).toBe("put: 'Value length of 26214401 exceeds limit of 26214400.'");
  expect(await namespace.keys()).toEqual(['k']);
});
