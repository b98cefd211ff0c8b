import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { TestServer, TOKEN } from '../../../test/rest/server.fixture.ts';
import { ApiClient } from './api-client.ts';
import { findNamespace, freeholdPath, listNamespaces, namespacePath } from './namespaces.ts';

const [A, B] = ['a'.repeat(32), 'b'.repeat(32)];
const ID = '1'.repeat(32);

/** A server with the namespaces that are named by account, id and title, and a client of it. */
async function serverWith(...namespaces: [account: string, id: string, title: string][]): Promise<ApiClient> {
  const server = new TestServer();
  onTestFinished(() => server.stop());
  await server.start({});
  const api = clientOf(server.url);
  for (const [account, id, title] of namespaces) {
    const path = `/client/v4/accounts/${account}/storage/kv/namespaces`;
    expect((await server.client.sendJson('POST', path, { id, title })).status).toBe(200);
  }
  return api;
}

function clientOf(url: string): ApiClient {
  const api = new ApiClient({ url, token: TOKEN });
  onTestFinished(() => api.close());
  return api;
}

test('a namespace is found by its id or its title, in whatever account it is', async () => {
  const api = await serverWith([A, ID, 'one'], [B, '2'.repeat(32), 'two']);
  const one = { account: A, id: ID, title: 'one' };
  expect(await findNamespace(api, ID.toUpperCase())).toEqual(one);
  expect(await findNamespace(api, 'one')).toEqual(one);
  expect(await findNamespace(api, 'two', B)).toEqual({ account: B, id: '2'.repeat(32), title: 'two' });
});

test('a name that is the id of one and the title of another is taken for the id', async () => {
  const api = await serverWith([A, ID, 'one'], [A, '2'.repeat(32), ID]);
  expect(await findNamespace(api, ID)).toMatchObject({ title: 'one' });
});

test('a name that several accounts have needs its account', async () => {
  const api = await serverWith([A, ID, 'same'], [B, ID, 'same']);
  for (const name of [ID, 'same']) {
    await expect(findNamespace(api, name)).rejects.toThrow(`say which with --account, of ${A}, ${B}`);
    expect(await findNamespace(api, name, B)).toMatchObject({ account: B });
  }
});

test('a name that nobody has is an error that says where it was looked for', async () => {
  const api = await serverWith([A, ID, 'one']);
  await expect(findNamespace(api, 'two')).rejects.toThrow(`there is no namespace "two" on ${api.url}`);
  await expect(findNamespace(api, ID, B)).rejects.toThrow(`there is no namespace "${ID}" in account ${B} on`);
});

test('all namespaces of an account or of every account are listed, past the first page', async () => {
  const many = Array.from({ length: 101 }, (_, i): [string, string, string] => {
    const number = String(i).padStart(3, '0');
    return [A, number.padStart(32, '0'), `title ${number}`];
  });
  const api = await serverWith([B, ID, 'other'], ...many);
  const titles = many.map(([, , title]) => title);
  expect((await listNamespaces(api, A)).map(({ title }) => title)).toEqual(titles);
  expect((await listNamespaces(api)).map(({ title }) => title)).toEqual([...titles, 'other']);
  expect(await findNamespace(api, 'title 100')).toMatchObject({ account: A });
});

test('a server that answers something else is told as such', async () => {
  const server = createServer((_, response) => response.end('{"success":true,"result":[{"id":7}],"errors":[]}'));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const api = clientOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await expect(listNamespaces(api)).rejects.toThrow('not an answer of the API');
});

test('paths lead to the namespace', () => {
  expect(namespacePath({ account: A, id: ID })).toBe(`/client/v4/accounts/${A}/storage/kv/namespaces/${ID}`);
  expect(freeholdPath({ account: A, id: ID })).toBe(`/freehold/v1/accounts/${A}/namespaces/${ID}`);
});
