/** The log has one line a request, if it is to have all of them, which gives away no key, query, value or token. */
import { expect, test } from 'vitest';
import type { Answer } from './client.fixture.ts';
import { RawConnection } from './raw-connection.fixture.ts';
import { type LogLine, NAMESPACES_PATH, serveForTests, TOKEN } from './server.fixture.ts';

const server = serveForTests();
const NAMESPACE_ROUTE = '/client/v4/accounts/:account_id/storage/kv/namespaces/:namespace_id';
const SECRET = 'never-to-be-logged';

/** The lines of requests that an action makes, when there are as many as it makes. */
async function linesOf(count: number, action: () => Promise<unknown>): Promise<LogLine[]> {
  await settled();
  const before = requests().length;
  await action();
  await server.until(() => requests().length >= before + count);
  await settled();
  const lines = requests().slice(before, -1);
  expect(lines).toHaveLength(count);
  return lines;
}

function requests(): LogLine[] {
  return server.log.filter(({ msg }) => msg === 'request');
}

/** Until the line of a request made now is there, and with it all earlier ones. */
async function settled(): Promise<void> {
  const answer = await server.client.sendBare('GET', '/healthz');
  await server.until(log => log.some(({ reqId }) => reqId === answer.headers['cf-ray']));
}

test('a line names the request as the answer does, its route, status, time and bytes', async () => {
  const namespace = await server.namespace();
  const answers: Answer[] = [];
  const [line] = await linesOf(1, async () => answers.push(await namespace.put('k', 'value')));
  const [answer] = answers;
  expect(line).toEqual({
    level: 20,
    time: expect.any(Number),
    pid: expect.any(Number),
    hostname: expect.any(String),
    reqId: answer?.headers['cf-ray'],
    method: 'PUT',
    route: `${NAMESPACE_ROUTE}/values/*key_name`,
    status: 200,
    ms: expect.any(Number),
    bytesIn: 5,
    bytesOut: answer?.bytes.length,
    msg: 'request',
  });
  expect(line?.['reqId']).toMatch(/./);
  expect(line?.['ms']).toBeGreaterThan(0);
});

test('only what was refused or broken off is more than a detail', async () => {
  const namespace = await server.namespace();
  const lines = await linesOf(4, async () => {
    await namespace.put('k', 'value');
    await namespace.get('nowhere');
    await namespace.putRaw('.', 'value');
    await server.client.sendBare('GET', NAMESPACES_PATH);
  });
  const [debug, info] = [20, 30];
  expect(lines.map(({ level, status, refusal }) => [level, status, refusal])).toEqual([
    [debug, 200, undefined],
    [debug, 404, 'keyNotFound'],
    [info, 400, 'keyIllegal'],
    [info, 400, 'credentialsMissing'],
  ]);
});

test('every request has an id of its own', async () => {
  const lines = await linesOf(3, async () => {
    for (let time = 0; time < 3; time++) await server.client.send('GET', NAMESPACES_PATH);
  });
  expect(new Set(lines.map(({ reqId }) => reqId)).size).toBe(3);
});

test('bytes are counted as they come, with a length or in chunks', async () => {
  const namespace = await server.namespace();
  const lines = await linesOf(3, async () => {
    await namespace.put('k', new Uint8Array(100_000));
    await namespace.put('k', new Uint8Array(100_000), '', { 'transfer-encoding': 'chunked' });
    await namespace.get('k');
  });
  expect(lines.map(({ bytesIn }) => bytesIn)).toEqual([100_000, 100_000, 0]);
  expect(lines.at(-1)).toMatchObject({ bytesOut: 100_000 });
});

test('refusals are logged too, whatever stage they come from', async () => {
  const lines = await linesOf(5, async () => {
    await server.client.send('GET', '/client/v4/%zz');
    await server.client.send('GET', '/client/v4/nowhere');
    await server.client.send('PATCH', NAMESPACES_PATH);
    await server.client.sendBare('GET', NAMESPACES_PATH);
    await server.client.send('GET', `${NAMESPACES_PATH}/${'0'.repeat(32)}/values/%zz`);
  });
  expect(lines.map(({ status, route }) => [status, route])).toEqual([
    [404, undefined],
    [404, undefined],
    [405, '/client/v4/accounts/:account_id/storage/kv/namespaces'],
    [400, '/client/v4/accounts/:account_id/storage/kv/namespaces'],
    [400, `${NAMESPACE_ROUTE}/values/*key_name`],
  ]);
});

test('a client that goes away is told of', async () => {
  const namespace = await server.namespace();
  await namespace.put('k', new Uint8Array(25_000_000));
  const head = `Host: x\r\nAuthorization: Bearer ${TOKEN}\r\n`;
  const [upload] = await linesOf(1, async () => {
    const connection = await RawConnection.open(server.port);
    await connection.send(`PUT ${namespace.path}/values/l HTTP/1.1\r\n${head}Content-Length: 10\r\n\r\nabc`);
    connection.reset();
  });
  expect(upload).toMatchObject({ method: 'PUT', bytesOut: 0, aborted: true });
  expect(upload).not.toHaveProperty('status');
  const [download] = await linesOf(1, async () => {
    const connection = await RawConnection.open(server.port);
    await connection.send(`GET ${namespace.path}/values/k HTTP/1.1\r\n${head}\r\n`);
    await connection.began();
    connection.reset();
  });
  expect(download).toMatchObject({ method: 'GET', status: 200, aborted: true });
  expect([upload?.['level'], download?.['level']]).toEqual([30, 30]);
});

test('no key, query, value, metadata or token is in the log', async () => {
  const namespace = await server.namespace();
  await linesOf(8, async () => {
    await namespace.put(SECRET, SECRET, `?x=${SECRET}`);
    await namespace.get(SECRET);
    await namespace.list({ prefix: SECRET });
    await namespace.bulkPut([{ key: SECRET, value: SECRET, metadata: SECRET }]);
    await namespace.bulkPut([{ key: SECRET, value: 7 }]);
    await server.client.sendBare('GET', NAMESPACES_PATH, undefined, { authorization: `Bearer ${SECRET}` });
    await server.client.send('GET', `/client/v4/${SECRET}`);
    await server.client.send('GET', `/client/v4/${SECRET}/%zz`);
  });
  const log = JSON.stringify(server.log);
  expect(log).not.toContain(SECRET);
  expect(log).not.toContain(TOKEN);
});
