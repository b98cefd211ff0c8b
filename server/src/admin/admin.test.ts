import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OperatorError } from '../operator-error.ts';
import { askServer } from './client.ts';
import type { ConnectRequest } from './connect-request.ts';
import { type AdminActions, type AdminServer, openAdminSocket } from './server.ts';

let directory: string;
const opened: AdminServer[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'freehold-admin-'));
});

afterEach(async () => {
  for (const server of opened.splice(0)) await server.close();
  await rm(directory, { recursive: true });
});

const LISTED = { id: 'a', name: 'b', status: 'active', read_only: false, issued_on: 'c' } as const;

/** Answers the title with everything that it was asked. */
const ACTIONS: AdminActions = {
  'POST /token/create': request => Promise.resolve({ token: JSON.stringify(request), listed: LISTED }),
  'POST /token/list': () => Promise.resolve({ tokens: [LISTED] }),
  'POST /token/revoke': ({ token }) => Promise.resolve({ ...LISTED, name: token }),
  'POST /token/reset-root': () => Promise.resolve({ token: 'new' }),
  'POST /connect': request =>
    Promise.resolve({
      url: 'http://localhost',
      account: 'a',
      namespace: { id: 'b', title: JSON.stringify(request) },
      token: 't',
      tokenId: 'c',
      tokenName: 'd',
      created: false,
    }),
  'POST /backup': ({ file }) => Promise.resolve({ file, bytes: 1, madeAt: 2, layout: 3, namespaces: 4, pairs: 5 }),
  'GET /backup': () => Promise.resolve({}),
  'POST /backup/cancel': () => Promise.resolve({}),
  'POST /backup/schedule': ({ schedule }) =>
    Promise.resolve(schedule === undefined ? {} : { schedule: { ...schedule, nextAt: 1 } }),
  'GET /status': () => Promise.resolve({ version: '0', pid: 1, urls: [], checks: [{ name: 'writer' }] }),
};

/** What comes back of a request that is written by hand. */
function exchange(method: string, path: string, body = ''): Promise<{ status: number | undefined; error?: string }> {
  return new Promise((resolve, reject) => {
    request({ socketPath: join(directory, 'admin.sock'), method, path }, response => {
      text(response).then(answer => resolve({ status: response.statusCode, ...JSON.parse(answer) }), reject);
    })
      .on('error', reject)
      .end(body);
  });
}

async function open(dataDirectory = directory, actions = ACTIONS, onDefect: (error: unknown) => void = () => {}) {
  const server = await openAdminSocket(dataDirectory, actions, onDefect);
  opened.push(server);
  return server;
}

describe('the admin socket', () => {
  test('answers, is for its owner only, and goes when closed', async () => {
    const server = await open();
    const path = join(directory, 'admin.sock');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await askServer(directory, 'POST /token/reset-root')).toEqual({ token: 'new' });
    await server.close();
    expect(existsSync(path)).toBe(false);
  });

  test.each([20, 80, 150, 250])('works in a directory with a name of %d bytes', async bytes => {
    const deep = join(directory, 'd'.repeat(bytes));
    await mkdir(deep);
    const server = await open(deep);
    expect(await askServer(deep, 'POST /token/reset-root')).toEqual({ token: 'new' });
    await server.close();
    expect(await readdir(deep)).toEqual([]);
  });

  test('takes the place of a file that a killed server left', async () => {
    await writeFile(join(directory, 'admin.sock'), '');
    await open();
    expect(await askServer(directory, 'POST /token/reset-root')).toEqual({ token: 'new' });
  });

  test('tells the client an error that the operator can put right', async () => {
    const actions = { ...ACTIONS, 'POST /token/reset-root': () => Promise.reject(new OperatorError('not here')) };
    await open(directory, actions);
    await expect(askServer(directory, 'POST /token/reset-root')).rejects.toThrow(new OperatorError('not here'));
  });

  test('keeps a defect to the log', async () => {
    const defects: unknown[] = [];
    const defect = new Error('secret');
    const actions = { ...ACTIONS, 'POST /token/reset-root': () => Promise.reject(defect) };
    await open(directory, actions, error => defects.push(error));
    await expect(askServer(directory, 'POST /token/reset-root')).rejects.toThrow(/internal error/);
    expect(defects).toEqual([defect]);
  });

  test.each(['GET /token/reset-root', 'POST /', 'POST /constructor'])('knows no %s', async name => {
    await open();
    const [method = '', path = ''] = name.split(' ');
    expect(await exchange(method, path)).toEqual({ status: 404, error: `this server knows no ${name}` });
  });
});

describe('a request with a body', () => {
  const wanted: ConnectRequest = { namespace: 'sessions ☕', client: 'curl', create: false };

  test.each<ConnectRequest>([
    wanted,
    { ...wanted, create: true, account: 'a'.repeat(32), url: 'https://kv.example.com/prefix' },
    { ...wanted, readOnly: true, expiresAt: 1_800_000_000 },
  ])('arrives as it was sent: %j', async sent => {
    await open();
    const answer = await askServer(directory, 'POST /connect', sent);
    expect(JSON.parse(answer?.namespace.title ?? '')).toEqual(sent);
  });

  test.each([
    ['namespace', undefined],
    ['namespace', ''],
    ['namespace', 7],
    ['client', undefined],
    ['client', 'telnet'],
    ['account', 'short'],
    ['account', null],
    ['url', 'ftp://example.com'],
    ['expiresAt', '2030-01-01'],
    ['expiresAt', 1.5],
  ])('is refused with the %s %j', async (member, value) => {
    await open();
    const answer = await exchange('POST', '/connect', JSON.stringify({ ...wanted, [member]: value }));
    expect(answer).toEqual({ status: 400, error: `the member ${member} is missing or wrong` });
  });

  test.each(['', 'null', '7', '[]', '"text"'])('is refused as %j', async body => {
    await open();
    expect(await exchange('POST', '/connect', body)).toMatchObject({ status: 400, error: expect.any(String) });
  });

  test.each(['{', "{'namespace': 1}", '{}{}'])('is refused where it is not JSON: %j', async body => {
    await open();
    const answer = await exchange('POST', '/connect', body);
    expect(answer).toEqual({ status: 400, error: expect.stringMatching(/^the body is not JSON: /) });
  });

  test('is refused past its limit, and read to its end', async () => {
    await open();
    const error = 'the body has 3000000 bytes, and may have 1048576';
    expect(await exchange('POST', '/connect', ' '.repeat(3_000_000))).toEqual({ status: 413, error });
  });
});

describe('a request about backups', () => {
  test('arrives as it was sent', async () => {
    await open();
    expect(await askServer(directory, 'POST /backup', { file: '/b.db' })).toMatchObject({ file: '/b.db' });
    const schedule = { everySeconds: 60, keep: 1, to: '/backups' };
    expect(await askServer(directory, 'POST /backup/schedule', { schedule })).toMatchObject({ schedule });
    expect(await askServer(directory, 'POST /backup/schedule', {})).toEqual({});
    expect(await askServer(directory, 'POST /backup/cancel')).toEqual({});
    expect(await askServer(directory, 'GET /backup')).toEqual({});
  });

  test.each([
    ['backup', {}, 'the member file is missing or wrong'],
    ['backup', { file: 'relative.db' }, 'the member file is missing or wrong'],
    ['backup/schedule', { schedule: 7 }, 'the member schedule is wrong'],
    ['backup/schedule', { schedule: { everySeconds: 0, keep: 1, to: '/b' } }, 'the member schedule is wrong'],
    ['backup/schedule', { schedule: { everySeconds: 1, keep: 0, to: '/b' } }, 'the member schedule is wrong'],
    ['backup/schedule', { schedule: { everySeconds: 1, keep: 1, to: 'b' } }, 'the member schedule is wrong'],
  ])('to %s is refused as %j', async (action, body, error) => {
    await open();
    expect(await exchange('POST', `/${action}`, JSON.stringify(body))).toEqual({ status: 400, error });
  });
});

describe('a request about tokens', () => {
  test('arrives as it was sent', async () => {
    await open();
    const sent = { namespaces: ['one', 'two, three'], grant: { name: 'ci', read_only: true } };
    const created = await askServer(directory, 'POST /token/create', sent);
    expect(JSON.parse(created?.token ?? '')).toEqual(sent);
    expect(await askServer(directory, 'POST /token/list')).toEqual({ tokens: [LISTED] });
    expect(await askServer(directory, 'POST /token/revoke', { token: 'x' })).toEqual({ ...LISTED, name: 'x' });
  });

  test.each([
    ['create', { namespaces: ['n'] }, 'the member grant is missing or wrong'],
    ['create', { grant: [] }, 'the member grant is missing or wrong'],
    ['create', { grant: {}, namespaces: [] }, 'the member namespaces is wrong'],
    ['create', { grant: {}, namespaces: 'n' }, 'the member namespaces is wrong'],
    ['create', { grant: {}, namespaces: [''] }, 'the member namespaces is wrong'],
    ['revoke', {}, 'the member token is missing or wrong'],
    ['revoke', { token: '' }, 'the member token is missing or wrong'],
    ['revoke', { token: 7 }, 'the member token is missing or wrong'],
  ])('to %s is refused as %j', async (action, body, error) => {
    await open();
    expect(await exchange('POST', `/token/${action}`, JSON.stringify(body))).toEqual({ status: 400, error });
  });
});

describe('there is no server to ask', () => {
  test.each(['', 'missing', 'd'.repeat(200)])('in %j', async name => {
    expect(await askServer(join(directory, name), 'POST /token/reset-root')).toBeUndefined();
  });
});
