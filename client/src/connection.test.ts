/** The client and connections that go wrong, over real ones. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { NAMESPACE } from './fetch.fixture.ts';
import { connect, type FreeholdNamespace, KvError } from './index.ts';

let server: Server;

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function serve(listener: RequestListener): Promise<FreeholdNamespace> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return connect({ url: `http://127.0.0.1:${port}`, namespace: NAMESPACE, token: 'token', retries: 0 });
}

test('a value that breaks off is an error, and not a short value', async () => {
  const kv = await serve((_, response) => {
    response.writeHead(200, { 'content-length': 10 });
    response.write('half-');
    setImmediate(() => response.destroy());
  });
  const error = await kv.get('key').catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(KvError);
  expect(error).toMatchObject({ status: undefined, cause: expect.any(Error) });
});

test("the caller's signal closes the connection", async () => {
  const controller = new AbortController();
  const closed = Promise.withResolvers<void>();
  const kv = await serve(request => {
    request.socket.on('close', () => closed.resolve());
    controller.abort(new RangeError('enough'));
  });
  await expect(kv.get('key', { signal: controller.signal })).rejects.toThrow(new RangeError('enough'));
  await closed.promise;
});

test('a redirect is not followed', async () => {
  const asked: (string | undefined)[] = [];
  const kv = await serve((request, response) => {
    asked.push(request.url);
    response.writeHead(302, 'Found', { location: '/elsewhere' }).end();
  });
  await expect(kv.get('key')).rejects.toThrow('KV GET failed: 302 Found');
  expect(asked).toEqual([`/binding/${NAMESPACE}/key?urlencoded=true`]);
});

test.each([204, 206])('%i is success', async status => {
  const kv = await serve((_, response) => response.writeHead(status).end());
  expect(await kv.get('key')).toBe('');
  expect(await new Response(await kv.get('key', 'stream')).text()).toBe('');
});

test.each([404, 410])('%i is a missing key for a get, and for nothing else', async status => {
  const headers = { 'content-type': 'text/plain; charset=UTF-8', 'cf-kv-metadata': '{' };
  const kv = await serve((_, response) => response.writeHead(status, headers).end('gone'));
  expect(await kv.get('key', 'json')).toBeNull();
  expect(await kv.getWithMetadata('key')).toEqual({ value: null, metadata: null, cacheStatus: null });
  const text = new RegExp(`failed: ${status} `);
  await expect(kv.get(['key'])).rejects.toThrow(text);
  await expect(kv.list()).rejects.toThrow(text);
  await expect(kv.put('key', 'value')).rejects.toThrow(text);
  await expect(kv.delete('key')).rejects.toThrow(text);
});

test.each(['application/json', 'text/html', ''])('404 in %j is that of a wrong URL', async type => {
  const headers = type === '' ? {} : { 'content-type': type };
  const kv = await serve((_, response) => response.writeHead(404, headers).end('nothing here'));
  await expect(kv.get('key')).rejects.toMatchObject({ status: 404, message: 'KV GET failed: 404 Not Found' });
});

test('what a cache in between says is passed on', async () => {
  const kv = await serve((request, response) => {
    response.setHeader('cf-cache-status', 'HIT');
    response.end(request.url?.includes('/key') ? 'value' : '{"keys":[],"list_complete":true}');
  });
  expect(await kv.getWithMetadata('key')).toMatchObject({ cacheStatus: 'HIT' });
  expect(await kv.list()).toEqual({ keys: [], list_complete: true, cacheStatus: 'HIT' });
});
