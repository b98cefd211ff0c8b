/**
 * So many connections that the process may open no more files.
 *
 * It fails where `startServer` does not load the parser of forms ahead of the first form.
 */
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { serveInGroup, temporaryDirectory } from '../../server/src/cli/process.fixture.ts';
import { Namespace } from './namespace.fixture.ts';

const TOKEN = 'token-that-the-tests-give';
const ID = '00000000000000000000000000000002';
const PATH = `/client/v4/accounts/00000000000000000000000000000001/storage/kv/namespaces/${ID}`;
const MULTIPART = '--b\r\ncontent-disposition: form-data; name="value"\r\n\r\nvalue\r\n--b--\r\n';

test('while no more files can be opened, connections that are there are served, and later all', async () => {
  const data = join(await temporaryDirectory(), 'data');
  const server = await serveInGroup(['--data', data], { FREEHOLD_TOKEN: TOKEN }, ['prlimit', '--nofile=60', '--']);
  await new Namespace({ url: server.url, token: TOKEN }, ID).create('title');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const call = async (method: string, path: string, body = '', type = 'text/plain') => {
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': type };
    const sent = request(server.url + path, { agent, method, headers }).end(body);
    const [response] = await once(sent, 'response');
    return { status: response.statusCode, text: await text(response) };
  };
  expect((await call('GET', '/readyz')).status).toBe(200);

  const sockets = await crowd(Number(new URL(server.url).port));
  const pairs = Array.from({ length: 10_000 }, (_, index) => ({ key: `key ${index}`, value: 'value' }));
  expect((await call('PUT', `${PATH}/values/key`, 'value')).status).toBe(200);
  expect((await call('PUT', `${PATH}/values/parts`, MULTIPART, 'multipart/form-data; boundary=b')).status).toBe(200);
  expect((await call('PUT', `${PATH}/bulk`, JSON.stringify(pairs))).status).toBe(200);
  expect((await call('GET', `${PATH}/values/parts`)).text).toBe('value');
  expect((await call('GET', `${PATH}/keys?limit=10`)).status).toBe(200);
  expect((await call('GET', '/readyz')).status).toBe(200);
  for (const socket of sockets) socket.destroy();

  agent.destroy();
  const found = await new Namespace({ url: server.url, token: TOKEN }, ID).list();
  expect(found.size).toBe(10_002);
  expect((await server.end('SIGTERM')).code).toBe(0);
});

/** Connects until the server has turned one away. */
async function crowd(port: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  const refused = Promise.withResolvers<void>();
  for (let count = 0; count < 100; count++) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => refused.resolve()).on('close', () => refused.resolve());
    sockets.push(socket);
    await once(socket, 'connect');
  }
  await refused.promise;
  return sockets;
}
