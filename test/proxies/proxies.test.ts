/** Real proxies with the settings of docs/proxy.md, in front of a real server. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { CERTIFICATE } from '../../server/src/certificates.fixture.ts';
import { Running, type ServeProcess, serve, temporaryDirectory } from '../../server/src/cli/process.fixture.ts';
import { LIMITS } from '../../server/src/kv/limits.ts';
import { blocksOf, pageText } from '../clients/page.fixture.ts';

const TOKEN = 'given-by-the-operator';
const NAMESPACE = 'a'.repeat(32);
const NAMESPACES = '/client/v4/accounts/00000000000000000000000000000001/storage/kv/namespaces';
const VALUES = `${NAMESPACES}/${NAMESPACE}/values`;

interface Files {
  readonly directory: string;
  readonly socket: string;
  readonly cert: string;
  readonly key: string;
}

function documented(language: string): string {
  const block = blocksOf(pageText('proxy')).find(found => found.language === language);
  return block?.code ?? expect.unreachable(`docs/proxy.md has no ${language}`);
}

/** Replaces what is there once. */
function replaced(text: string, from: string, to: string): string {
  expect(text.split(from)).toHaveLength(2);
  return text.replace(from, () => to);
}

async function startNginx({ directory, socket, cert, key }: Files, server: string): Promise<Running> {
  let site = replaced(documented('nginx'), '127.0.0.1:8480', server);
  site = replaced(site, 'listen 443 ssl', `listen unix:${socket} ssl`);
  site = replaced(site, '/etc/ssl/kv.example.com/fullchain.pem', cert);
  site = replaced(site, '/etc/ssl/kv.example.com/privkey.pem', key);
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    name => `${name}_temp_path ${join(directory, name)};`,
  );
  const http = `http { access_log off; ${paths.join(' ')}\n${site} }`;
  const file = join(directory, 'nginx.conf');
  await writeFile(file, `daemon off; master_process off; pid ${join(directory, 'pid')}; events {}\n${http}`);
  return new Running('nginx', ['-e', 'stderr', '-c', file], {});
}

async function startCaddy({ directory, socket, cert, key }: Files, server: string): Promise<Running> {
  let text = replaced(documented('caddyfile'), '127.0.0.1:8480', server);
  text = replaced(text, '\tservers {', '\tadmin off\n\tauto_https disable_redirects\n\tservers {');
  text = replaced(text, 'kv.example.com {', `kv.example.com {\n\tbind unix/${socket}\n\ttls ${cert} ${key}`);
  const file = join(directory, 'Caddyfile');
  await writeFile(file, text);
  return new Running('caddy', ['run', '--adapter', 'caddyfile', '--config', file], { HOME: directory });
}

interface Answer {
  readonly status: number | undefined;
  readonly reason: string | undefined;
  readonly body: Buffer;
}

type Headers = Readonly<Record<string, string>>;

const PROXIES = [
  { name: 'nginx', start: startNginx, keepsReason: true },
  { name: 'caddy', start: startCaddy, keepsReason: false },
];

describe.each(PROXIES)('behind $name', ({ start, keepsReason }) => {
  let server: ServeProcess;
  let agent: Agent;
  let socket: string;

  beforeEach(async () => {
    const directory = await temporaryDirectory();
    const files = { directory, cert: join(directory, 'c.pem'), key: join(directory, 'k.pem') };
    socket = join(directory, 'proxy.sock');
    await mkdir(join(directory, 'data'));
    await writeFile(files.cert, CERTIFICATE.cert);
    await writeFile(files.key, CERTIFICATE.key);
    server = await serve(['--data', join(directory, 'data')], { FREEHOLD_TOKEN: TOKEN });
    const proxy = await start({ ...files, socket }, new URL(server.url).host);
    const ended = proxy.finished.then(({ stderr }) => expect.unreachable(stderr));
    ended.catch(() => {});
    await Promise.race([expect.poll(() => existsSync(socket), { timeout: 20_000 }).toBe(true), ended]);
    agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false, servername: 'kv.example.com' });
    onTestFinished(() => agent.destroy());
    const made = await ask('POST', NAMESPACES, JSON.stringify({ title: 'behind', id: NAMESPACE }));
    expect(made.status).toBe(200);
  });

  function ask(method: string, path: string, body?: string | Buffer, headers: Headers = {}): Promise<Answer> {
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const all = { host: 'kv.example.com', authorization: `Bearer ${TOKEN}`, ...length, ...headers };
    return new Promise((resolve, reject) => {
      const outgoing = request({ socketPath: socket, method, path, agent, headers: all }, response => {
        const { statusCode: status, statusMessage: reason } = response;
        buffer(response).then(bytes => resolve({ status, reason, body: bytes }), reject);
      });
      outgoing.on('error', reject).end(body);
    });
  }

  test('the largest value goes up and comes back, on one connection', async () => {
    const value = randomBytes(LIMITS.valueBytes);
    expect((await ask('PUT', `${VALUES}/large`, value)).status).toBe(200);
    const { status, body } = await ask('GET', `${VALUES}/large`);
    expect([status, body.equals(value)]).toEqual([200, true]);
  });

  test('a bulk of a hundred megabytes is taken, and one byte more refused by the server itself', async () => {
    const item = JSON.stringify({ key: 'k', value: '' });
    const filled = (bytes: number) => Buffer.from(`[${item}${' '.repeat(bytes - item.length - 2)}]`);
    expect((await ask('PUT', `${NAMESPACES}/${NAMESPACE}/bulk`, filled(LIMITS.bulkBodyBytes))).status).toBe(200);
    const refused = await ask('PUT', `${NAMESPACES}/${NAMESPACE}/bulk`, filled(LIMITS.bulkBodyBytes + 1));
    expect([refused.status, refused.body.toString()]).toEqual([413, expect.stringContaining('10413')]);
  });

  test.each([
    'a%2Fb%2F%2Fc',
    '%25',
    'a%20b%3F%23',
    '%F0%9F%98%80',
    'a/../b'.replaceAll('/', '%2F'),
    '%C3%A9'.repeat(256),
  ])('the key %s stays what it is', async key => {
    expect((await ask('PUT', `${VALUES}/${key}`, key)).status).toBe(200);
    const listed = JSON.parse((await ask('GET', `${NAMESPACES}/${NAMESPACE}/keys`)).body.toString());
    expect(listed.result).toEqual([{ name: decodeURIComponent(key) }]);
    expect((await ask('GET', `${VALUES}/${key}`)).body.toString()).toBe(key);
  });

  test('a KV binding works, and its refusals are told as the page says', async () => {
    const bound = {
      'freehold-namespace': NAMESPACE,
      'cf-kv-flprod-405': 'https://fake-host/k',
      'cf-kv-metadata': '{"a":1}',
    };
    expect((await ask('PUT', '/k?urlencoded=true', 'v', bound)).status).toBe(200);
    expect((await ask('GET', '/k?urlencoded=true', undefined, bound)).body.toString()).toBe('v');
    const refused = await ask('PUT', '/k?urlencoded=true&expiration_ttl=1', 'v', bound);
    expect(refused.status).toBe(400);
    expect(/expiration_ttl/.test(refused.reason ?? '')).toBe(keepsReason);
  });
});
