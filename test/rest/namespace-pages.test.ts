/** Listing the namespaces of an account, a page at a time. */
import { beforeAll, describe, expect, test } from 'vitest';
import { LIMITS } from '../../server/src/kv/limits.ts';
import { NAMESPACES_PATH, serveForTests } from './server.fixture.ts';

const server = serveForTests();
const COUNT = LIMITS.namespacesPerAccount;

interface Shown {
  readonly id: string;
  readonly title: string;
}

/** The number of a namespace as it stands in its title, so that titles sort another way than ids. */
const titleOf = (number: number) => `title ${String((number * 7) % COUNT).padStart(4, '0')}`;
const idOf = (number: number) => number.toString(16).padStart(32, '0');
const NUMBERS = Array.from({ length: COUNT }, (_, number) => number);

beforeAll(async () => {
  const create = (number: number) =>
    server.client.sendJson('POST', NAMESPACES_PATH, { id: idOf(number), title: titleOf(number) });
  for (let first = 0; first < COUNT; first += 100) {
    const answers = await Promise.all(NUMBERS.slice(first, first + 100).map(create));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
  }
});

async function page(query: string): Promise<{ ids: string[]; titles: string[]; info: unknown }> {
  const answer = await server.client.send('GET', `${NAMESPACES_PATH}?${query}`);
  expect(answer.status).toBe(200);
  const shown = answer.result<Shown[]>();
  return {
    ids: shown.map(({ id }) => id),
    titles: shown.map(({ title }) => title),
    info: answer.json.result_info,
  };
}

test('an account without namespaces has one empty page', async () => {
  const account = 'f'.repeat(32);
  const answer = await server.client.send('GET', NAMESPACES_PATH.replace(/accounts\/\w+/, `accounts/${account}`));
  expect(answer.json).toEqual({
    result: [],
    errors: [],
    messages: [],
    success: true,
    result_info: { count: 0, page: 1, per_page: 20, total_count: 0, total_pages: 0 },
  });
});

test('twenty by id are the first page where nothing else is asked', async () => {
  const { ids, info } = await page('');
  expect(ids).toEqual(NUMBERS.slice(0, 20).map(idOf));
  expect(info).toEqual({ count: 20, page: 1, per_page: 20, total_count: 1000, total_pages: 50 });
});

test('every namespace says that it supports URL encoding', async () => {
  const answer = await server.client.send('GET', `${NAMESPACES_PATH}?per_page=1`);
  expect(answer.json.result).toEqual([{ id: idOf(0), title: titleOf(0), supports_url_encoding: true }]);
});

test('a thousand fit on one page', async () => {
  const { ids, info } = await page('per_page=1000');
  expect(ids).toEqual(NUMBERS.map(idOf));
  expect(info).toEqual({ count: 1000, page: 1, per_page: 1000, total_count: 1000, total_pages: 1 });
});

test('the last page is shorter, and those past it are empty for ever', async () => {
  const last = await page('per_page=300&page=4');
  expect(last.ids).toEqual(NUMBERS.slice(900).map(idOf));
  expect(last.info).toEqual({ count: 100, page: 4, per_page: 300, total_count: 1000, total_pages: 4 });
  for (const past of [5, 6, Number.MAX_SAFE_INTEGER]) {
    const { ids, info } = await page(`per_page=300&page=${past}`);
    expect(ids).toEqual([]);
    expect(info).toEqual({ count: 0, page: past, per_page: 300, total_count: 1000, total_pages: 4 });
  }
});

describe('sorted', () => {
  const byTitle = NUMBERS.map(titleOf).toSorted();

  test('by title, either way', async () => {
    expect((await page('order=title&per_page=1000')).titles).toEqual(byTitle);
    expect((await page('order=title&direction=desc&per_page=100&page=2')).titles).toEqual(
      byTitle.toReversed().slice(100, 200),
    );
  });

  test('by id downwards', async () => {
    expect((await page('direction=desc&per_page=3')).ids).toEqual([999, 998, 997].map(idOf));
  });

  test('as wrangler asks, page after page until one is short', async () => {
    const titles: string[] = [];
    for (let number = 1; titles.length % 100 === 0; number++) {
      const next = await page(`per_page=100&order=title&direction=asc&page=${number}`);
      if (next.titles.length === 0) break;
      titles.push(...next.titles);
    }
    expect(titles).toEqual(byTitle);
  });
});

test.each([
  ['page=0', '400 10007'],
  ['page=-1', '400 10007'],
  ['page=x', '400 10007'],
  ['page=1.5', '400 10007'],
  ['page=', '400 10007'],
  ['page=99999999999999999999', '400 10007'],
  ['per_page=0', '400 10008'],
  ['per_page=1001', '400 10008'],
  ['per_page=1e2', '400 10008'],
  ['order=size', '400 10043'],
  ['direction=up', '400 10044'],
])('%s is refused', async (query, failure) => {
  expect((await server.client.send('GET', `${NAMESPACES_PATH}?${query}`)).failure).toBe(failure);
});

test('one namespace more than an account may hold is refused, until another is deleted', async () => {
  const more = { title: 'one more' };
  const refused = await server.client.sendJson('POST', NAMESPACES_PATH, more);
  expect(refused.failure).toBe('400 10018');
  expect(refused.message).toBe('too many namespaces in this account: the limit is 1000');
  await server.client.send('DELETE', `${NAMESPACES_PATH}/${idOf(0)}`);
  expect((await server.client.sendJson('POST', NAMESPACES_PATH, more)).status).toBe(200);
});
