import { describe, expect, test } from 'vitest';
import { FakeServer } from './fetch.fixture.ts';
import { type FreeholdNamespace, KvError, UnsuccessfulKeysError } from './index.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const PLAIN = { 'content-type': 'text/plain; charset=UTF-8' };

function refused(body: string | null, init: ResponseInit): Promise<unknown> {
  const server = new FakeServer(() => new Response(body, init));
  return server
    .connect()
    .put('key', 'value')
    .catch((error: unknown) => error);
}

describe('the text of a refusal', () => {
  test.each([
    ["is the answer's body", 'Größe: 1', { status: 413, statusText: 'Reason', headers: PLAIN }, '413 Größe: 1'],
    [
      'is the reason phrase where the body is no text',
      '{}',
      { status: 400, statusText: 'Bad', headers: JSON_TYPE },
      '400 Bad',
    ],
    ['is the reason phrase where there is no body', null, { status: 400, statusText: 'Reason' }, '400 Reason'],
    ['is the status where there is nothing else', null, { status: 400 }, '400'],
    ['tells of a redirect, which is not followed', null, { status: 302, statusText: 'Found' }, '302 Found'],
  ])('%s', async (_, body, init, text) => {
    const error = await refused(body, init);
    expect(error).toBeInstanceOf(KvError);
    expect(error).toMatchObject({ name: 'Error', message: `KV PUT failed: ${text}`, status: init.status });
  });

  test('tells of a redirect also where a browser hides it', async () => {
    const server = new FakeServer(() => Response.error());
    await expect(server.connect().put('key', 'value')).rejects.toThrow(/^KV PUT failed: redirected$/);
    expect(server.onlyAsked.init.redirect).toBe('manual');
  });

  const CALLS: Readonly<Record<string, [operation: string, call: (kv: FreeholdNamespace) => Promise<unknown>]>> = {
    get: ['GET', kv => kv.get('key')],
    getWithMetadata: ['GET', kv => kv.getWithMetadata('key')],
    list: ['GET', kv => kv.list()],
    'get of many': ['GET_BULK', kv => kv.get(['key'])],
    'getWithMetadata of many': ['GET_BULK', kv => kv.getWithMetadata(['key'])],
    put: ['PUT', kv => kv.put('key', 'value')],
    delete: ['DELETE', kv => kv.delete('key')],
    putMany: ['PUT_BULK', kv => kv.putMany([])],
    deleteMany: ['DELETE_BULK', kv => kv.deleteMany([])],
  };

  test.each(Object.entries(CALLS))('names the call: %s', async (_, [operation, call]) => {
    const server = new FakeServer(() => new Response('no', { status: 400, headers: PLAIN }));
    await expect(call(server.connect())).rejects.toThrow(new RegExp(`^KV ${operation} failed: 400 no$`));
  });
});

test('an answer that breaks off leaves its status', async () => {
  const body = new ReadableStream({ start: controller => controller.error(new Error('gone')) });
  const server = new FakeServer(() => new Response(body, { status: 413, statusText: 'Too Large', headers: PLAIN }));
  await expect(server.connect().put('key', 'value')).rejects.toThrow('KV PUT failed: 413 Too Large');
});

test('a broken connection tells its reason, and what fetch said', async () => {
  const said = new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED 127.0.0.1:1') });
  const error = { message: 'KV PUT failed: connect ECONNREFUSED 127.0.0.1:1', status: undefined, cause: said };
  await expect(new FakeServer(() => said).connect().put('key', 'value')).rejects.toMatchObject(error);
});

test.each([
  ['what fetch said, where it says no more', new TypeError('Failed to fetch'), 'Failed to fetch'],
  ['only that, where nothing is known', new TypeError('fetch failed', { cause: new Error() }), 'no connection'],
])('a broken connection tells %s', async (_, said, text) => {
  await expect(new FakeServer(() => said).connect().delete('key')).rejects.toThrow(`KV DELETE failed: ${text}`);
});

describe('an answer that leaves keys out', () => {
  const answer = () => Response.json({ successful_key_count: 1, unsuccessful_keys: ['a', '__proto__'] });

  test.each(['putMany', 'deleteMany'] as const)('makes %s reject with them', async method => {
    const kv = new FakeServer(answer).connect();
    const done = method === 'putMany' ? kv.putMany([]) : kv.deleteMany([]);
    const error = await done.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UnsuccessfulKeysError);
    expect(error).toBeInstanceOf(KvError);
    expect(error).toMatchObject({
      message: expect.stringMatching(/^KV (PUT|DELETE)_BULK failed: 2 keys were left out; repeat the call for them$/),
      unsuccessfulKeys: ['a', '__proto__'],
    });
  });
});
