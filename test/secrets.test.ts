/** No token is to be found in anything that a server says, however it was given or sent. */
import { createHash, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { type IncomingHttpHeaders, request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { freehold, type ServeProcess, serve, temporaryDirectory } from '../server/src/cli/process.fixture.ts';

const NAMESPACE = 'a'.repeat(32);
const NAMESPACES = '/client/v4/accounts/00000000000000000000000000000001/storage/kv/namespaces';
const CRASH = 'process.on("SIGUSR2",()=>{throw new Error("an injected defect")})';

function secret(): string {
  return randomBytes(32).toString('base64url');
}

interface Request {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Every place in which a client may put a credential. `token` is good or nobody's; the answer tells which. */
function requestsWith(token: string): Request[] {
  const remote = { 'mf-url': 'https://fake-host/k?urlencoded=true' };
  return [
    { headers: { authorization: `Bearer ${token}` } },
    { headers: { 'x-auth-email': 'me@example.com', 'x-auth-key': token } },
    { headers: { 'x-auth-user-service-key': token } },
    { path: `/binding/${NAMESPACE}?token=${token}`, headers: remote },
    { path: `/binding/${NAMESPACE}/k`, headers: { authorization: `Bearer ${token}` } },
    { path: '/k', headers: { authorization: `Bearer ${token}`, 'freehold-namespace': NAMESPACE } },
    { path: '/client/v4/user/tokens/verify', headers: { authorization: `Bearer ${token}` } },
  ];
}

/** The same where something else is wrong with the request. */
function spoiltWith(token: string): Request[] {
  const headers = { authorization: `Bearer ${token}` };
  return [
    { headers: { authorization: token } },
    { headers: { authorization: `Basic ${token}` } },
    { headers: { authorization: `Bearer ${token} ${token}` } },
    { headers: { 'x-auth-email': token, 'x-auth-key': token } },
    { headers: { 'x-auth-email': 'me@example.com', 'x-auth-key': `${token} ${token}` } },
    { headers: { 'x-auth-user-service-key': `${token} ${token}` } },
    { path: `${NAMESPACES}?token=${token}` },
    { path: `${NAMESPACES}?page=x&token=${token}`, headers },
    { path: `/binding/${NAMESPACE}?token=${token}` },
    { path: `/binding/?token=${token}`, headers: { 'mf-url': 'https://fake-host/k' } },
    { path: `/binding/${NAMESPACE}?token=${token}`, headers: { 'mf-url': 'https://fake-host/k?cache_ttl=x' } },
    { path: '/client/v4/nowhere', headers },
    { path: '/nowhere', headers },
    { method: 'PATCH', headers },
    { method: 'PUT', path: `${NAMESPACES}/${NAMESPACE}/bulk`, headers },
    { path: '/openapi.json', headers },
    { path: '/readyz', headers },
  ];
}

interface Answer {
  readonly status: number | undefined;
  readonly told: string;
}

function ask(url: string, { method = 'GET', path = NAMESPACES, headers = {} }: Request): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url + path, { method, headers, agent: false }, response => {
      const head = (answered: IncomingHttpHeaders) => `${response.statusMessage} ${JSON.stringify(answered)}`;
      text(response).then(body => {
        resolve({ status: response.statusCode, told: `${head(response.headers)} ${body}` });
      }, reject);
    });
    outgoing.on('error', reject).end();
  });
}

async function makeNamespace({ url }: ServeProcess, token: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ title: 'with a secret', id: NAMESPACE });
  expect((await fetch(url + NAMESPACES, { method: 'POST', headers, body })).status).toBe(200);
  const put = await fetch(`${url}${NAMESPACES}/${NAMESPACE}/values/k`, { method: 'PUT', headers, body: 'v' });
  expect(put.status).toBe(200);
}

/** The ways to give the root token to a server. */
const WAYS = {
  environment: async (token: string, data: string) => start(data, [], { FREEHOLD_TOKEN: token }),
  file: async (token: string, data: string) => {
    const file = join(await temporaryDirectory(), 'token');
    await writeFile(file, `${token}\n`, { mode: 0o600 });
    return start(data, ['--token-file', file]);
  },
  'minting it': (_token: string, data: string) => start(data, []),
} as const;

function start(data: string, flags: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const crashing = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(CRASH)}` };
  return serve(['--data', data, '--log-level', 'trace', ...flags], { ...environment, ...crashing });
}

describe.each(Object.entries(WAYS))('a server that has its root token by %s', (way, begin) => {
  test('tells no token, neither in its log and answers nor when it crashes', async () => {
    const data = await temporaryDirectory();
    const given = secret();
    const server = await begin(given, data);
    const root = way === 'minting it' ? (await readFile(join(data, 'root-token'), 'utf8')).trim() : given;
    await makeNamespace(server, root);
    const connected = await freehold(['connect', NAMESPACE, '--for', 'curl', '--data', data]);
    const scoped = /[\w-]{43}/.exec(connected.stdout)?.[0] ?? expect.unreachable(connected.stderr);
    const nobodys = secret();
    const told: string[] = [connected.stderr];

    for (const sent of requestsWith(root)) {
      const { status, told: answer } = await ask(server.url, sent);
      expect([sent, status]).toEqual([sent, 200]);
      told.push(answer);
    }
    for (const sent of [scoped, nobodys].flatMap(requestsWith)) told.push((await ask(server.url, sent)).told);
    for (const sent of [root, scoped, nobodys].flatMap(spoiltWith)) told.push((await ask(server.url, sent)).told);

    const [, pid] = await server.output(/"pid":(\d+)/);
    told.push(await readFile(`/proc/${pid}/cmdline`, 'utf8'));
    const { stdout, stderr } = await server.end('SIGUSR2');
    expect(stdout).toContain('an injected defect');
    expect(stderr).toContain('an injected defect');
    // Each request has left its line, at the level at which nothing is left out.
    expect(stdout.match(/"msg":"request"/g)?.length).toBeGreaterThan(70);
    const all = [...told, stdout, stderr].join('\n');
    for (const token of [root, scoped, nobodys]) {
      expect(all).not.toContain(token);
      expect(all).not.toContain(createHash('sha256').update(token).digest('hex'));
      expect(all).not.toContain(createHash('sha256').update(token).digest('base64url'));
    }
  });
});

describe('a start that is refused repeats no token', () => {
  const bad = `${secret()} with a space`;

  test('of the environment', async () => {
    const { code, stdout, stderr } = await freehold(['serve', '--port', '0'], { FREEHOLD_TOKEN: bad });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('FREEHOLD_TOKEN');
    expect(stderr).not.toContain(bad.slice(0, 43));
  });

  test('of a file', async () => {
    const directory = await temporaryDirectory();
    const file = join(directory, 'token');
    await writeFile(file, bad);
    const { code, stderr } = await freehold(['serve', '--port', '0', '--data', directory, '--token-file', file]);
    expect(code).toBe(2);
    expect(stderr).toContain(file);
    expect(stderr).not.toContain(bad.slice(0, 43));
  });
});

test('what is stored is no token either', async () => {
  const data = await temporaryDirectory();
  const token = secret();
  const server = await serve(['--data', data], { FREEHOLD_TOKEN: token });
  await makeNamespace(server, token);
  await server.end('SIGTERM');
  expect((await readFile(join(data, 'freehold.db'))).includes(token)).toBe(false);
});
