/** Namespaces: created, listed, renamed, deleted, and kept apart. */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../server/src/kv/limits.ts';
import { serveForTests } from './server.fixture.ts';

const server = serveForTests();
const ID = 'abcdef0123456789abcdef0123456789';

interface Shown {
  readonly id: string;
  readonly title: string;
}

/** The path of the namespaces of an account that has none yet. */
function newAccountPath(account = randomBytes(16).toString('hex')): string {
  return `/client/v4/accounts/${account}/storage/kv/namespaces`;
}

async function create(path: string, body: object): Promise<Shown> {
  return (await server.client.sendJson('POST', path, body)).result<Shown>();
}

describe('creating', () => {
  test('answers 200 and the namespace', async () => {
    const answer = await server.client.sendJson('POST', newAccountPath(), { title: 'Mine' });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/json; charset=UTF-8');
    expect(answer.json).toEqual({
      result: { id: expect.stringMatching(/^[0-9a-f]{32}$/), title: 'Mine', supports_url_encoding: true },
      errors: [],
      messages: [],
      success: true,
    });
  });

  test('makes it usable at once', async () => {
    const path = newAccountPath();
    const { id } = await create(path, { title: 'Mine' });
    expect((await server.client.send('PUT', `${path}/${id}/values/k`, 'v')).status).toBe(200);
  });

  test.each(['eu', 'fedramp', 'us'])('keeps the jurisdiction %s and shows it ever after', async jurisdiction => {
    const path = newAccountPath();
    const shown = await create(path, { title: 'Mine', jurisdiction });
    expect(shown).toEqual({ id: shown.id, title: 'Mine', supports_url_encoding: true, jurisdiction });
    expect((await server.client.send('GET', `${path}/${shown.id}`)).json.result).toEqual(shown);
    expect((await server.client.send('GET', path)).json.result).toEqual([shown]);
    const renamed = await server.client.sendJson('PUT', `${path}/${shown.id}`, { title: 'Yours' });
    expect(renamed.json.result).toEqual({ ...shown, title: 'Yours' });
  });

  test('under an id of the caller, in any case', async () => {
    const path = newAccountPath();
    expect(await create(path, { title: 'Mine', id: ID.toUpperCase() })).toMatchObject({ id: ID });
    expect((await server.client.sendJson('POST', path, { title: 'Other', id: ID })).failure).toBe('400 10014');
    expect(await create(newAccountPath(), { title: 'Mine', id: ID })).toMatchObject({ id: ID });
  });

  test('with null for what is optional, and members that are not known', async () => {
    const body = { title: 'Mine', id: null, jurisdiction: null, other: [1] };
    expect((await server.client.sendJson('POST', newAccountPath(), body)).status).toBe(200);
  });

  test('with a title of 512 characters, of whatever kind', async () => {
    const path = newAccountPath();
    const title = '😀'.repeat(LIMITS.titleCharacters);
    expect(await create(path, { title })).toMatchObject({ title });
    expect((await server.client.sendJson('POST', path, { title: `${title}x` })).failure).toBe('400 10019');
  });

  test('with a lone surrogate stores its replacement', async () => {
    expect(await create(newAccountPath(), { title: 'a\ud800' })).toMatchObject({ title: 'a\ufffd' });
  });

  test.each([
    ['{}', '400 10019'],
    ['{"title":""}', '400 10019'],
    ['{"title":7}', '400 10019'],
    ['{"title":null}', '400 10019'],
    ['{"Title":"Mine"}', '400 10019'],
    ['{"title":"Mine","jurisdiction":"mars"}', '400 10012'],
    ['{"title":"Mine","jurisdiction":{"toString":1}}', '400 10012'],
    ['{"title":"Mine","id":"short"}', '400 10011'],
    ['{"title":"Mine","id":7}', '400 10011'],
    ['{"title":"Mine","id":{"toString":1}}', '400 10011'],
    [`{"title":"Mine","id":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, '400 10011'],
    ['', '400 10012'],
    ['{', '400 10012'],
    ['[]', '400 10012'],
    ['null', '400 10012'],
    ['"title"', '400 10012'],
  ])('is refused for the body %.60s', async (body, failure) => {
    const path = newAccountPath();
    expect((await server.client.send('POST', path, body)).failure).toBe(failure);
    expect((await server.client.send('GET', path)).json.result).toEqual([]);
  });

  test('is refused for a title that is taken, in the same account only', async () => {
    const path = newAccountPath();
    await create(path, { title: 'Mine' });
    const refused = await server.client.sendJson('POST', path, { title: 'Mine' });
    expect(refused.failure).toBe('400 10014');
    expect(refused.message).toBe('a namespace with this account ID and title already exists');
    expect(await create(path, { title: 'mine' })).toMatchObject({ title: 'mine' });
    expect(await create(newAccountPath(), { title: 'Mine' })).toMatchObject({ title: 'Mine' });
  });
});

describe('getting, renaming, deleting', () => {
  test('get answers what create answered', async () => {
    const path = newAccountPath();
    const created = await create(path, { title: 'Mine' });
    const { json } = await server.client.send('GET', `${path}/${created.id}`);
    expect(json).toEqual({ result: created, errors: [], messages: [], success: true });
  });

  test('rename answers the renamed namespace, and its own title is no conflict', async () => {
    const path = newAccountPath();
    const { id } = await create(path, { title: 'Mine' });
    for (const title of ['Yours', 'Yours']) {
      const { status, json } = await server.client.sendJson('PUT', `${path}/${id}`, { title });
      expect(status).toBe(200);
      const result = { id, title, supports_url_encoding: true };
      expect(json).toEqual({ result, errors: [], messages: [], success: true });
    }
  });

  test('rename to the title of another is refused', async () => {
    const path = newAccountPath();
    await create(path, { title: 'Mine' });
    const { id } = await create(path, { title: 'Yours' });
    expect((await server.client.sendJson('PUT', `${path}/${id}`, { title: 'Mine' })).failure).toBe('400 10014');
    expect((await server.client.sendJson('PUT', `${path}/${id}`, {})).failure).toBe('400 10019');
    expect((await server.client.send('GET', `${path}/${id}`)).json.result).toMatchObject({ title: 'Yours' });
  });

  test('delete answers null; then the namespace is unknown to every route', async () => {
    const namespace = await server.namespace();
    await namespace.put('k', 'v');
    const { status, json } = await namespace.remove();
    expect(status).toBe(200);
    expect(json).toEqual({ result: null, errors: [], messages: [], success: true });
    const answers = [
      await server.client.send('GET', namespace.path),
      await server.client.sendJson('PUT', namespace.path, { title: 'x' }),
      await namespace.remove(),
      await namespace.get('k'),
      await namespace.put('k', 'v'),
      await namespace.delete('k'),
      await namespace.metadata('k'),
      await namespace.list(),
      await namespace.bulkPut([]),
      await namespace.bulkPut([{ key: 'k', value: 'v' }]),
      await namespace.bulkDelete(['k']),
      await namespace.bulkGet({ keys: ['k'] }),
    ];
    expect(answers.map(({ failure }) => failure)).toEqual(answers.map(() => '404 10013'));
  });

  test('delete tolerates a body', async () => {
    const namespace = await server.namespace();
    expect((await server.client.sendJson('DELETE', namespace.path, {})).status).toBe(200);
  });

  test('a namespace made again under a deleted id is empty, and the title is free', async () => {
    const path = newAccountPath();
    await create(path, { title: 'Mine', id: ID });
    await server.client.send('PUT', `${path}/${ID}/values/k`, 'v');
    await server.client.send('DELETE', `${path}/${ID}`);
    expect(await create(path, { title: 'Mine', id: ID })).toMatchObject({ id: ID });
    expect((await server.client.send('GET', `${path}/${ID}/keys`)).json.result).toEqual([]);
    expect((await server.client.send('GET', `${path}/${ID}/values/k`)).failure).toBe('404 10009');
  });

  test('ids in a path may be in upper case', async () => {
    const namespace = await server.namespace();
    await namespace.put('k', 'v');
    const path = newAccountPath(namespace.account.toUpperCase());
    expect((await server.client.send('GET', `${path}/${namespace.id.toUpperCase()}/values/k`)).text).toBe('v');
  });

  test.each(['short', 'x'.repeat(32), '0'.repeat(33), '%2e%2e', '%25zz', '0123456789abcdef-0123456789abcdef'])(
    'the id %s is malformed, not unknown',
    async id => {
      expect((await server.client.send('GET', `${newAccountPath()}/${id}`)).failure).toBe('400 10011');
      expect((await server.client.send('GET', `${newAccountPath()}/${id}/values/k`)).failure).toBe('400 10011');
    },
  );
});

describe('apart from each other', () => {
  test('two namespaces share no keys', async () => {
    const one = await server.namespace();
    const other = await server.namespace(one.account);
    await one.put('k', 'one');
    expect((await other.get('k')).failure).toBe('404 10009');
    await other.put('k', 'other');
    await other.remove();
    expect((await one.get('k')).text).toBe('one');
  });

  test('the same id in two accounts is two namespaces', async () => {
    const [one, other] = [newAccountPath(), newAccountPath()];
    for (const path of [one, other]) await create(path, { title: 'Mine', id: ID });
    await server.client.send('PUT', `${one}/${ID}/values/k`, 'one');
    expect((await server.client.send('GET', `${other}/${ID}/keys`)).json.result).toEqual([]);
    await server.client.send('DELETE', `${other}/${ID}`);
    expect((await server.client.send('GET', `${one}/${ID}/values/k`)).text).toBe('one');
  });

  test('an account does not reach the namespaces of another', async () => {
    const { id } = await server.namespace();
    expect((await server.client.send('GET', `${newAccountPath()}/${id}`)).failure).toBe('404 10013');
  });
});
