/**
 * That a dead machine loses nothing that was acknowledged: between the moment at which a request has been read from its
 * socket and the one at which the reply is written there, all of the log's pages were handed to the system, and then a
 * sync of the log began and ended well.
 *
 * It fails without `synchronous = FULL` in `connection.ts`, and where `WriterLoop.#execute` replies before the commit.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freehold, serveInGroup, temporaryDirectory } from '../../server/src/cli/process.fixture.ts';
import { readSystemCalls, type SystemCall, tracing } from './system-calls.fixture.ts';

const CALLS = ['read', 'write', 'writev', 'pwrite64', 'pwritev', 'openat', 'fsync', 'fdatasync'];
const ID = '00000000000000000000000000000002';
const NAMESPACES = '/client/v4/accounts/00000000000000000000000000000001/storage/kv/namespaces';
const NAMESPACE = `${NAMESPACES}/${ID}`;
const OWN = `/freehold/v1/accounts/00000000000000000000000000000001/namespaces/${ID}`;
const KEYS = Array.from({ length: 10_000 }, (_, index) => `key ${index}`);

/** Every kind of change that a reply acknowledges over HTTP. The order matters: the last ones leave nothing to change. */
const REQUESTS: readonly (readonly [method: string, path: string, body?: unknown])[] = [
  ['POST', NAMESPACES, { title: 'title', id: ID }],
  ['PUT', NAMESPACE, { title: 'another title' }],
  ['PUT', `${NAMESPACE}/values/single`, 'value'],
  ['PUT', `${NAMESPACE}/values/large`, 'value'.repeat(1_000_000)],
  ['PUT', `${OWN}/values/single?keep=true`, 'another value'],
  ['PUT', `${OWN}/values/made?keep=true`, 'value'],
  ['PUT', `${OWN}/import`, [{ key: 'made', value: 'another value' }]],
  [
    'PUT',
    `${OWN}/import?on_conflict=skip`,
    [
      { key: 'made', value: 'value' },
      { key: 'imported', value: 'value' },
    ],
  ],
  ['PUT', `${OWN}/import?on_conflict=fail`, [{ key: 'imported too', value: 'value' }]],
  ['POST', `${OWN}/copy`, { to: { namespace_id: ID }, prefix: 'made', to_prefix: 'copy' }],
  // The query tells the one from the other in the trace.
  ['POST', `${OWN}/copy?move`, { to: { namespace_id: ID }, prefix: 'copy', to_prefix: 'moved', move: true }],
  ['POST', `${OWN}/clear`, { prefix: 'moved' }],
  ['DELETE', `${NAMESPACE}/values/single`],
  ['PUT', `${NAMESPACE}/bulk`, KEYS.map(key => ({ key, value: key }))],
  ['POST', `${NAMESPACE}/bulk/delete`, KEYS],
  ['DELETE', `${NAMESPACE}/bulk`, ['large']],
  ['PUT', `/binding/${ID}/single`, 'value'],
  ['DELETE', `/binding/${ID}/single`],
  ['DELETE', NAMESPACE],
];

/** The same through the admin socket. */
const COMMANDS: readonly (readonly [path: string, ...argv: string[]])[] = [
  ['/connect', 'connect', 'title', '--for', 'curl', '--create'],
  ['/token/reset-root', 'token', 'reset-root'],
];

test.each(['1', '2'])('with --threads %s, a reply is written only when its change was synced', async threads => {
  const directory = await temporaryDirectory();
  const data = join(directory, 'data');
  const trace = join(directory, 'trace');
  const server = await serveInGroup(['--data', data, '--threads', threads], {}, tracing(trace, CALLS));
  const authorization = `Bearer ${(await readFile(join(data, 'root-token'), 'utf8')).trim()}`;
  for (const [method, path, content = null] of REQUESTS) {
    const body = typeof content === 'string' || content === null ? content : JSON.stringify(content);
    const response = await fetch(server.url + path, { method, body, headers: { authorization } });
    expect([path, response.status, await response.text()]).toEqual([path, 200, expect.anything()]);
  }
  for (const [, ...argv] of COMMANDS) {
    expect(await freehold([...argv, '--data', data])).toMatchObject({ code: 0 });
  }
  await server.end('SIGTERM');

  const calls = await readSystemCalls(trace);
  const lines = [...REQUESTS, ...COMMANDS.map(([path]) => ['POST', path] as const)];
  // A scan opens the log later, when it is there.
  const first = exchange(calls, `POST ${NAMESPACES} HTTP/1.1`).read;
  const made = calls.findLast(
    ({ name, argumentText, begin }) =>
      name === 'openat' && /db-wal", \S*O_CREAT/.test(argumentText) && begin < first.begin,
  );
  for (const [index, [method, path]] of lines.entries()) {
    const { read, answer } = exchange(calls, `${method} ${path} HTTP/1.1`);
    const meanwhile = calls.filter(({ begin, end }) => begin > read.end && end < answer.begin);
    const written = meanwhile.filter(
      ({ name, argumentText }) => /^pwrite/.test(name) && /^\d+<.*db-wal>/.test(argumentText),
    );
    const lastWritten = Math.max(...written.map(({ end }) => end));
    const synced = meanwhile.filter(call => syncs(call, `${data}/freehold.db-wal`) && call.begin > lastWritten);
    expect([method, path, written.length > 0, synced.length > 0]).toEqual([method, path, true, true]);
    // Nor is the log's own name in its directory left to chance.
    const named = calls.filter(
      call => syncs(call, data) && call.begin > (made?.end ?? Infinity) && call.end < answer.begin,
    );
    if (index === 0) expect(named).not.toHaveLength(0);
  }
});

/** The first read of a request, and the first write of what was answered to it. */
function exchange(calls: readonly SystemCall[], requestLine: string): { read: SystemCall; answer: SystemCall } {
  const read = calls.find(({ name, argumentText }) => name === 'read' && argumentText.includes(`"${requestLine}`));
  const [socket = 'none'] = read?.argumentText.split(',') ?? [];
  const answer = calls.find(({ name, argumentText, begin }) => {
    return /^writev?$/.test(name) && argumentText.startsWith(socket) && begin > (read?.end ?? Infinity);
  });
  if (read === undefined || answer === undefined) throw new Error(`${requestLine} was not traced`);
  expect(answer.argumentText).toContain('HTTP/1.1 200 OK');
  return { read, answer };
}

function syncs({ name, argumentText, result }: SystemCall, path: string): boolean {
  return /^f(data)?sync$/.test(name) && argumentText.endsWith(`<${path}>`) && result === '0';
}
