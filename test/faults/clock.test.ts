/**
 * The system's clock steps forward and back under a running server, by libfaketime.
 *
 * It fails where `KeyReader` does not compare a pair's expiration with the clock.
 */
import { globSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { serveInGroup, temporaryDirectory } from '../../server/src/cli/process.fixture.ts';
import { Namespace } from './namespace.fixture.ts';

const TOKEN = 'token-that-the-tests-give';
const ID = '00000000000000000000000000000002';
const PATH = `/client/v4/accounts/00000000000000000000000000000001/storage/kv/namespaces/${ID}/values`;
const HOUR = 3_600;
const YEAR = 31_536_000;

test('expiry follows the clock wherever it goes, and listings agree with gets', async () => {
  const [library = ''] = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1');
  expect(library, 'libfaketime is installed').not.toBe('');
  const directory = await temporaryDirectory();
  const offset = join(directory, 'offset');
  const step = (seconds: number) => writeFile(offset, `${seconds < 0 ? '' : '+'}${seconds}s`);
  await step(0);
  const server = await serveInGroup(['--data', join(directory, 'data')], {
    FREEHOLD_TOKEN: TOKEN,
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: offset,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  });
  const namespace = new Namespace({ url: server.url, token: TOKEN }, ID);
  await namespace.create('title');
  const put = async (key: string, query = '') => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const response = await fetch(`${server.url}${PATH}/${key}${query}`, { method: 'PUT', body: 'value', headers });
    return [response.status, await response.text()];
  };
  /** Which of the keys are there, of which a listing has to show the same. */
  const there = async () => {
    const listed = [...(await namespace.list()).keys()].toSorted();
    const got = [...(await namespace.read(['ahead', 'back', 'hour', 'lasting'])).keys()].toSorted();
    expect(listed).toEqual(got);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    return got;
  };
  await put('lasting');
  await put('hour', `?expiration_ttl=${HOUR}`);
  expect(await there()).toEqual(['hour', 'lasting']);

  // By so little that what expires meanwhile is not removed from the disk.
  await step(HOUR + 5);
  expect(await there()).toEqual(['lasting']);
  await step(0);
  expect(await there()).toEqual(['hour', 'lasting']);

  await step(-YEAR);
  expect(await there()).toEqual(['hour', 'lasting']);
  await put('back', `?expiration_ttl=${HOUR}`);
  // Before the epoch.
  await step(-70 * YEAR);
  expect(await there()).toEqual(['back', 'hour', 'lasting']);
  expect((await put('lasting'))[0]).toBe(200);

  await step(YEAR);
  expect(await there()).toEqual(['lasting']);
  expect((await put('ahead', `?expiration_ttl=${HOUR}`))[0]).toBe(200);
  expect(await there()).toEqual(['ahead', 'lasting']);
  await step(0);
  expect(await there()).toEqual(expect.arrayContaining(['ahead', 'lasting']));
  expect((await put('hour', `?expiration=${Math.floor(Date.now() / 1000) + 30}`))[0]).toBe(400);
  expect((await server.end('SIGTERM')).code).toBe(0);
});
