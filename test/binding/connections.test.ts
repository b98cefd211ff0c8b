/** How the real workerd and Miniflare keep their connections to the server. */
import { beforeEach, describe, expect, test } from 'vitest';
import { useFreehold } from '../clients/freehold.fixture.ts';
import { remoteOf, useMiniflare } from './miniflare.fixture.ts';
import { useRelay } from './relay.fixture.ts';
import { useServer } from './server.fixture.ts';
import { bindingOf, useWorkerd } from './workerd.fixture.ts';

const freehold = useFreehold();
const relay = useRelay(freehold);
const workerd = useWorkerd(async () => ({ KV: bindingOf(relay, await freehold.createNamespace('port')) }));
const miniflare = useMiniflare(async () => ({ KV: remoteOf(relay, await freehold.createNamespace('Miniflare')) }));

describe('to a port', () => {
  /** How many connections workerd opens for the calls. */
  async function connectionsOf(calls: Parameters<typeof workerd.run>[0]): Promise<number> {
    const before = relay.connections;
    await workerd.run(calls);
    return relay.connections - before;
  }

  test('requests one after the other have one connection', async () => {
    const opened = await connectionsOf(async ({ KV }) => {
      for (let index = 0; index < 20; index += 1) {
        await KV.put(`key ${index}`, 'x', { metadata: 'é' });
        await KV.get(`key ${index}`);
        await KV.get([`key ${index}`]);
        await KV.list();
        await KV.delete(`key ${index}`);
      }
    });
    expect(opened).toBe(1);
  });

  test('a missing key costs no connection', async () => {
    const opened = await connectionsOf(async ({ KV }) => {
      for (let index = 0; index < 20; index += 1) await KV.get(`missing ${index}`);
    });
    expect(opened).toBeLessThanOrEqual(1);
  });

  test('a refusal costs no connection', async () => {
    const opened = await connectionsOf(async ({ KV }) => {
      for (let index = 0; index < 20; index += 1) {
        await KV.get('key', { cacheTtl: 1 }).catch(() => null);
        await KV.put('key', 'x', { expirationTtl: 1 }).catch(() => null);
        await KV.get([]).catch(() => null);
      }
    });
    expect(opened).toBeLessThanOrEqual(1);
  });

  test('two hundred gets at once are all answered, on as many connections', async () => {
    await workerd.run(async ({ KV }) => {
      for (let index = 0; index < 200; index += 1) await KV.put(`n${index}`, `value ${index}`);
    });
    const before = relay.connections;
    const values = await workerd.run(({ KV }) =>
      Promise.all(Array.from({ length: 200 }, (_, index) => KV.get(`n${index}`))),
    );
    expect(values).toEqual(Array.from({ length: 200 }, (_, index) => `value ${index}`));
    expect(relay.connections - before).toBeGreaterThan(100);
    expect(relay.connections - before).toBeLessThanOrEqual(200);
  });

  test('two hundred puts at once are all written', async () => {
    const values = await workerd.run(async ({ KV }) => {
      await Promise.all(Array.from({ length: 200 }, (_, index) => KV.put(`p${index}`, `put ${index}`)));
      return Promise.all(Array.from({ length: 200 }, (_, index) => KV.get(`p${index}`)));
    });
    expect(values).toEqual(Array.from({ length: 200 }, (_, index) => `put ${index}`));
  });

  test('an idle connection is kept for ten minutes, as workerd does not repeat a put', async () => {
    const { headers } = await fetch(freehold.url);
    expect(headers.get('keep-alive')).toBe('timeout=600');
  });
});

test('a missing key costs Miniflare no connection either', async () => {
  const before = relay.connections;
  await miniflare.run(async ({ KV }) => {
    for (let index = 0; index < 20; index += 1) await KV.get(`missing ${index}`);
  });
  expect(relay.connections - before).toBe(1);
});

describe('to a socket', () => {
  const freehold = useServer();
  const workerd = useWorkerd(async () => {
    const binding = bindingOf(freehold, await freehold.createNamespace('socket'));
    return { KV: { ...binding, address: `unix:${freehold.socket}` } };
  });

  beforeEach(() => workerd.run(({ KV }) => KV.put('key', 'value', { metadata: { é: 1 } })));

  test('every operation works as on a port', async () => {
    const read = await workerd.run(async ({ KV }) => [
      await KV.getWithMetadata('key'),
      [...(await KV.get(['key', 'missing']))],
      await KV.list(),
      await KV.put('other', 'x', { expirationTtl: 59 }).catch(error => error.message),
      await KV.delete('key'),
      await KV.get('key'),
    ]);
    expect(read).toEqual([
      { value: 'value', metadata: { é: 1 }, cacheStatus: null },
      [
        ['key', 'value'],
        ['missing', null],
      ],
      { keys: [{ name: 'key', metadata: { é: 1 } }], list_complete: true, cacheStatus: null },
      'KV PUT failed: 400 Invalid expiration_ttl of 59. Expiration TTL must be at least 60.',
      null,
      null,
    ]);
  });

  test('the largest value passes', async () => {
    const length = await workerd.run(async ({ KV }) => {
      await KV.put('large', new Uint8Array(26_214_400));
      return (await KV.get('large', 'arrayBuffer'))?.byteLength;
    });
    expect(length).toBe(26_214_400);
  });

  test('a server that was stopped and started again is found again, for a put too', async () => {
    await freehold.close();
    await freehold.open();
    expect(await workerd.run(({ KV }) => KV.get('key'))).toBe('value');
    await freehold.close();
    await freehold.open();
    await workerd.run(({ KV }) => KV.put('key', 'after the stop'));
    expect(await workerd.run(({ KV }) => KV.get('key'))).toBe('after the stop');
  });

  test('a server that is stopped is an error, and not a missing key', async () => {
    await freehold.close();
    await expect(workerd.run(({ KV }) => KV.get('key'))).rejects.toThrow('internal error');
    await freehold.open();
    expect(await workerd.run(({ KV }) => KV.get('key'))).toBe('value');
  });
});
