/** The log tells who has changed namespaces and tokens, and who has deleted many pairs at once. */
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Answer } from './client.fixture.ts';
import { type LogLine, serveForTests } from './server.fixture.ts';

const server = serveForTests();
const TOKENS = '/freehold/v1/tokens';
const ACCOUNT = randomBytes(16).toString('hex');
const NAMESPACES = `/client/v4/accounts/${ACCOUNT}/storage/kv/namespaces`;

/** What requests with a token of its own have left in the log, without what every line has. */
async function audited(act: (send: Send) => Promise<unknown>): Promise<{ lines: LogLine[]; by: object }> {
  const made = await server.client.sendJson('POST', TOKENS, { name: 'an operator', account_id: ACCOUNT });
  const { id, value } = made.result<{ id: string; value: string }>();
  const before = server.log.length;
  const ids: unknown[] = [];
  await act(async (method, path, body) => {
    const bytes = body === undefined ? undefined : JSON.stringify(body);
    const answer = await server.client.send(method, path, bytes, { authorization: `Bearer ${value}` });
    ids.push(answer.headers['cf-ray']);
    return answer;
  });
  const lines = server.log.slice(before).filter(line => 'audit' in line);
  for (const line of lines)
    expect([line['level'], line['msg'], ids.includes(line['reqId'])]).toEqual([30, 'audit', true]);
  const bare = lines.map(({ level, time, pid, hostname, msg, reqId, ...rest }) => rest);
  return { lines: bare, by: { id, name: 'an operator' } };
}

type Send = (method: string, path: string, body?: unknown) => Promise<Answer>;

test('a namespace that is made, renamed and deleted', async () => {
  let namespace = '';
  const { lines, by } = await audited(async send => {
    namespace = (await send('POST', NAMESPACES, { title: 'one' })).result<{ id: string }>().id;
    await send('PUT', `${NAMESPACES}/${namespace}`, { title: 'two' });
    await send('DELETE', `${NAMESPACES}/${namespace}`);
  });
  const what = { by, account: ACCOUNT, namespace, count: 1 };
  expect(lines).toEqual(['create', 'rename', 'delete'].map(verb => ({ audit: `namespace.${verb}`, ...what })));
});

test('keys that are deleted in one call, by every route that can', async () => {
  const { account, id, path } = await server.namespace(ACCOUNT);
  const { lines, by } = await audited(async send => {
    await send('POST', `${path}/bulk/delete`, ['a', 'b', 'a']);
    await send('DELETE', `${path}/bulk`, ['a']);
    await send('POST', `/binding/${id}/bulk/delete`, ['a', 'b', 'c']);
  });
  const line = { audit: 'pairs.bulk-delete', by, account, namespace: id };
  expect(lines).toEqual([2, 1, 3].map(count => ({ ...line, count })));
});

test('pairs that are cleared or moved, wherever any were', async () => {
  const [from, to] = [await server.namespace(ACCOUNT), await server.namespace(ACCOUNT)];
  await from.bulkPut(['a/1', 'a/2', 'b'].map(key => ({ key, value: 'v' })));
  const own = `/freehold/v1/accounts/${ACCOUNT}/namespaces/${from.id}`;
  const target = { to: { namespace_id: to.id } };
  const { lines, by } = await audited(async send => {
    await send('POST', `${own}/copy`, target);
    await send('POST', `${own}/clear`, { prefix: '', dry_run: true });
    await send('POST', `${own}/copy`, { ...target, move: true, dry_run: true });
    await send('POST', `${own}/clear`, {});
    await send('POST', `${own}/copy`, { ...target, move: true, on_conflict: 'fail' });
    await send('POST', `${own}/copy`, { ...target, move: true, prefix: 'a/' });
    await send('POST', `${own}/clear`, { prefix: '' });
  });
  const line = { by, account: ACCOUNT, namespace: from.id };
  expect(lines).toEqual([
    { audit: 'pairs.move', ...line, to: { account: ACCOUNT, namespace: to.id }, count: 2 },
    { audit: 'pairs.clear', ...line, count: 1 },
  ]);
});

test('a token that is made and revoked, by the root token', async () => {
  const root = (await server.client.send('GET', '/client/v4/user')).result<{ id: string }>();
  const before = server.log.length;
  const made = await server.client.sendJson('POST', TOKENS, { name: 'ci', account_id: ACCOUNT });
  const { id } = made.result<{ id: string }>();
  const revoked = await server.client.send('DELETE', `${TOKENS}/${id}`);
  const lines = server.log.slice(before).filter(line => 'audit' in line);
  const by = { id: root.id, name: 'root' };
  expect(lines).toMatchObject([
    { audit: 'token.create', by, account: ACCOUNT, token: { id, name: 'ci' }, count: 1, reqId: made.headers['cf-ray'] },
    { audit: 'token.revoke', by, token: { id }, count: 1, reqId: revoked.headers['cf-ray'] },
  ]);
});

test('nothing that reads, writes a pair or is refused', async () => {
  const { path } = await server.namespace(ACCOUNT);
  const { lines } = await audited(async send => {
    await send('PUT', `${path}/values/k`, 'v');
    await send('DELETE', `${path}/values/k`);
    await send('PUT', `${path}/bulk`, [{ key: 'k', value: 'v' }]);
    await send('POST', `${path}/bulk/delete`, [7]);
    await send('POST', NAMESPACES, {});
    await send('DELETE', `${NAMESPACES}/${'f'.repeat(32)}`);
    await send('POST', TOKENS, { name: 'not for me' });
    await send('GET', `${path}/keys`);
  });
  expect(lines).toEqual([]);
});

test('the root token that the operator has given, when it becomes that', () => {
  expect(server.log.filter(line => line['audit'] === 'root-token.set')).toMatchObject([
    { by: { name: 'the test' }, count: 1, msg: 'audit' },
  ]);
});
