/** put and delete, through the real workerd. */
import { describe, expect, test } from 'vitest';
import { useFreehold } from '../clients/freehold.fixture.ts';
import { bindingOf, useWorkerd } from './workerd.fixture.ts';

const freehold = useFreehold();
let id: string;
const workerd = useWorkerd(async () => {
  id = await freehold.createNamespace('writes');
  return { KV: bindingOf(freehold, id) };
});

const HOUR_S = 3_600;

function nowS(): number {
  return Math.floor(Date.now() / 1000);
}

/** What the server has of one key. */
async function listed(key: string): Promise<object | undefined> {
  return (await freehold.keys(id)).find(({ name }) => name === key);
}

describe('a value is written', () => {
  test('from text', async () => {
    await workerd.run(({ KV }) => KV.put('text', 'zwölf\r\nlines ☕\0'));
    expect(String(await freehold.value(id, 'text'))).toBe('zwölf\r\nlines ☕\0');
  });

  test('from a buffer and from a view of a part of one', async () => {
    await workerd.run(async ({ KV }) => {
      const bytes = Uint8Array.of(0, 255, 10, 13, 128);
      await KV.put('buffer', bytes.buffer);
      await KV.put('view', bytes.subarray(1, 3));
      await KV.put('data view', new DataView(bytes.buffer, 3));
    });
    expect(await freehold.value(id, 'buffer')).toEqual(Buffer.of(0, 255, 10, 13, 128));
    expect(await freehold.value(id, 'view')).toEqual(Buffer.of(255, 10));
    expect(await freehold.value(id, 'data view')).toEqual(Buffer.of(13, 128));
  });

  test('from streams, of known length and not', async () => {
    await workerd.run(async ({ KV }) => {
      const { body } = new Response('of known length');
      if (body) await KV.put('known', body);
      const parts = new ReadableStream({
        start(controller) {
          for (const part of ['in ', 'three ', 'parts']) controller.enqueue(new TextEncoder().encode(part));
          controller.close();
        },
      });
      await KV.put('unknown', parts);
    });
    expect(String(await freehold.value(id, 'known'))).toBe('of known length');
    expect(String(await freehold.value(id, 'unknown'))).toBe('in three parts');
  });

  test('without a byte', async () => {
    await workerd.run(async ({ KV }) => {
      await KV.put('no text', '');
      await KV.put('no bytes', new Uint8Array());
      await KV.put('no chunks', new ReadableStream({ start: controller => controller.close() }));
    });
    for (const key of ['no text', 'no bytes', 'no chunks']) {
      expect(await freehold.value(id, key), key).toEqual(Buffer.alloc(0));
    }
  });

  test('from a stream that is itself read from the server', async () => {
    await freehold.put(id, 'original', 'x'.repeat(100_000));
    await workerd.run(async ({ KV }) => {
      const stream = await KV.get('original', 'stream');
      if (stream) await KV.put('copy', stream);
    });
    expect(String(await freehold.value(id, 'copy'))).toBe('x'.repeat(100_000));
  });
});

describe('metadata', () => {
  test.each<[string, unknown]>([
    ['an object', { a: [1, null, { b: 'c' }] }],
    ['not ASCII', { é: '🤓', ключ: '値' }],
    ['a string', 'plain'],
    ['an empty string', ''],
    ['a number', 1.5],
    ['false', false],
    ['control characters', '\0\t\r\n\u001f\u0085'],
    ['a lone surrogate', 'a\ud800b'],
    ['1,024 bytes', 'k'.repeat(1_022)],
    ['1,024 bytes, not ASCII', 'é'.repeat(511)],
  ])('%s comes back', async (_, metadata) => {
    const read = await workerd.run(async ({ KV }, given) => {
      await KV.put('described', 'value', { metadata: given });
      return KV.getWithMetadata('described');
    }, metadata);
    expect(read).toEqual({ value: 'value', metadata, cacheStatus: null });
    expect(await listed('described')).toEqual({ name: 'described', metadata });
  });

  test.each([null, undefined])('%s is none, and takes away what there was', async metadata => {
    await workerd.run(async ({ KV }, given) => {
      await KV.put('bare', 'value', { metadata: { a: 1 } });
      await KV.put('bare', 'value', given === undefined ? undefined : { metadata: given });
    }, metadata);
    expect(await listed('bare')).toEqual({ name: 'bare' });
  });

  test.each([
    ['k'.repeat(1_023), 1_025],
    [`${'é'.repeat(511)}k`, 1_025],
    ['k'.repeat(20_000), 20_002],
  ])('of more than 1,024 bytes is refused, and nothing is written', async (metadata, bytes) => {
    const put = workerd.run(({ KV }, given) => KV.put('too much', 'value', { metadata: given }), metadata);
    await expect(put).rejects.toThrow(`KV PUT failed: 413 Metadata length of ${bytes} exceeds limit of 1024.`);
    expect(await listed('too much')).toBe(undefined);
  });
});

test('a DEL in metadata is refused, as workerd sends it bare in a header, where none may be', async () => {
  const put = workerd.run(({ KV }) => KV.put('del', 'value', { metadata: 'a\u007fb' }));
  await expect(put).rejects.toThrow('KV PUT failed: 400');
  expect(await listed('del')).toBe(undefined);
});

describe('expiration', () => {
  test('is a time, or a time to live, which wins', async () => {
    const at = nowS() + 2 * HOUR_S;
    await workerd.run(async ({ KV }, expiration) => {
      await KV.put('at', '', { expiration });
      await KV.put('in', '', { expirationTtl: 3_600 });
      await KV.put('both', '', { expiration, expirationTtl: 3_600 });
    }, at);
    expect(await listed('at')).toEqual({ name: 'at', expiration: at });
    for (const name of ['in', 'both']) {
      const { expiration } = (await freehold.keys(id)).find(key => key.name === name) ?? {};
      expect(expiration, name).toBeGreaterThanOrEqual(at - HOUR_S);
      expect(expiration, name).toBeLessThan(at);
    }
  });

  test('takes the shortest and the latest time there is', async () => {
    await workerd.run(async ({ KV }) => {
      await KV.put('shortest', '', { expirationTtl: 60 });
      await KV.put('latest', '', { expiration: 2_147_483_647 });
    });
    expect(await listed('shortest')).toEqual({ name: 'shortest', expiration: expect.any(Number) });
    expect(await listed('latest')).toEqual({ name: 'latest', expiration: 2_147_483_647 });
  });

  test('that is taken away again is gone', async () => {
    await workerd.run(async ({ KV }) => {
      await KV.put('for ever', '', { expirationTtl: 60 });
      await KV.put('for ever', '');
    });
    expect(await listed('for ever')).toEqual({ name: 'for ever' });
  });

  test.each([
    [{ expirationTtl: 59 }, 'Invalid expiration_ttl of 59. Expiration TTL must be at least 60.'],
    [{ expirationTtl: 0 }, 'Invalid expiration_ttl of 0. Please specify integer greater than 0.'],
    [{ expirationTtl: -5 }, 'Invalid expiration_ttl of -5. Please specify integer greater than 0.'],
    [
      { expiration: 1_000 },
      'Invalid expiration of 1000. ' +
        'Please specify integer greater than the current number of seconds since the UNIX epoch.',
    ],
  ])('of %j is refused, and nothing is written', async (options, text) => {
    const put = workerd.run(({ KV }, given) => KV.put('refused', '', given), options);
    await expect(put).rejects.toThrow(`KV PUT failed: 400 ${text}`);
    expect(await listed('refused')).toBe(undefined);
  });

  test('less than a minute ahead is refused', async () => {
    const expiration = nowS() + 30;
    const put = workerd.run(({ KV }, given) => KV.put('refused', '', { expiration: given }), expiration);
    const text = `400 Invalid expiration of ${expiration}. Expiration times must be at least 60 seconds in the future.`;
    await expect(put).rejects.toThrow(`KV PUT failed: ${text}`);
  });
});

describe('delete', () => {
  test('takes a pair away, and is no error where there is none', async () => {
    const read = await workerd.run(async ({ KV }) => {
      await KV.put('deleted', 'value', { metadata: 1 });
      await KV.delete('deleted');
      await KV.delete('deleted');
      await KV.delete('that never was');
      return KV.getWithMetadata('deleted');
    });
    expect(read).toEqual({ value: null, metadata: null, cacheStatus: null });
    expect(await freehold.value(id, 'deleted')).toBe(undefined);
  });
});
