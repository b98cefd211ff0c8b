/** What a server that stops does with the answers under way. */
import { expect, test } from 'vitest';
import { LIMITS } from '../../server/src/kv/limits.ts';
import { RawConnection } from './raw-connection.fixture.ts';
import { NAMESPACES_PATH, TestServer, TOKEN } from './server.fixture.ts';

/** Nobody listens any more. */
async function untilRefused(url: string): Promise<void> {
  while (
    await fetch(url).then(
      () => true,
      () => false,
    )
  );
}

test('an answer that is read slowly goes out whole', async () => {
  const server = new TestServer();
  await server.start({});
  const { url, port } = server;
  const namespace = await server.namespace();
  const value = 'v'.repeat(LIMITS.valueBytes);
  await namespace.put('k', value);
  const connection = await RawConnection.open(port);
  const head = `Host: x\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`;
  await connection.send(`GET ${namespace.path}/values/k HTTP/1.1\r\n${head}`);
  await connection.began();
  connection.pause();
  const stopped = server.stop();
  await untilRefused(`${url}${NAMESPACES_PATH}`);
  connection.resume();
  const { status, body } = await connection.answer();
  expect([status, body.length]).toEqual([200, value.length]);
  await connection.closed;
  await stopped;
});
