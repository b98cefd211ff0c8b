import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { ApiClient } from './api-client.ts';
import { type Swept, sweep } from './sweep.ts';

const PATH = '/freehold/v1/accounts/a/namespaces/n/clear';

/** A sweep whose server answers with these pieces. */
async function sweptBy(
  ...pieces: string[]
): Promise<{ swept: Promise<Swept>; told: number[]; asked: Promise<string> }> {
  const asked = Promise.withResolvers<string>();
  const server = createServer((request, response) => {
    text(request).then(asked.resolve, asked.reject);
    for (const piece of pieces) response.write(piece);
    response.end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const api = new ApiClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  onTestFinished(async () => {
    await api.close();
    server.close();
  });
  const told: number[] = [];
  const swept = sweep(api, { path: PATH, body: { prefix: 'a' } }, pairs => told.push(pairs));
  return { swept, told, asked: asked.promise };
}

test('tells how far it is, and in the end what was done', async () => {
  const last = '{"done":true,"pairs":9,"skipped":2}\n';
  const { swept, told, asked } = await sweptBy('{"pairs":3}\n{"pai', 'rs":6}\n', last);
  expect(await swept).toEqual({ pairs: 9, more: { skipped: 2 } });
  expect(told).toEqual([3, 6, 9]);
  expect(await asked).toBe('{"prefix":"a"}');
});

test('an error on the way is told in the words of the server', async () => {
  const { swept } = await sweptBy('{"pairs":3}\n', '{"error":{"code":10013,"message":"namespace not found"}}\n');
  await expect(swept).rejects.toThrow(/answers POST \S+\/clear with 200: namespace not found \(code 10013\)$/);
});

test('an answer without a last line was cut off', async () => {
  const { swept } = await sweptBy('{"pairs":3}\n');
  await expect(swept).rejects.toThrow('broke off after 3 pairs; what is left is done when the command runs again');
});

test.each([
  [true, 1],
  [false, 3],
])('with once: %s, work whose answer is lost is asked for %i times', async (onlyOnce, times) => {
  let asked = 0;
  const server = createServer((request, response) => {
    if (request.method === 'GET') {
      response.end();
      return;
    }
    asked += 1;
    request.resume().once('end', () => response.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const timer = { now: () => 0, sleep: () => Promise.resolve(), random: () => 0 };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const api = new ApiClient({ url, attempts: 3, timer });
  onTestFinished(async () => {
    await api.close();
    server.close();
  });
  // What was never reached is not asked again in any case.
  await api.bytes({ method: 'GET', path: '/' });
  await expect(sweep(api, { path: PATH, body: {}, once: onlyOnce }, () => {})).rejects.toThrow();
  expect(asked).toBe(times);
});
