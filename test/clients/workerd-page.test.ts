import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CERTIFICATE } from '../../server/src/certificates.fixture.ts';
import { workerd } from '../../server/src/connect/workerd.ts';
import { DOCUMENTED, pageText, usePage } from './page.fixture.ts';
import { openTlsProxy } from './tls-proxy.fixture.ts';

const { default: WORKERD } = createRequire(import.meta.url)('workerd');
const page = usePage('workerd', 'workerd');

/** Answers the URL of the Worker that workerd serves. It goes when the test is over. */
async function serve(configuration: string, worker: string): Promise<string> {
  await page.file('config.capnp', configuration);
  await page.file('worker.js', worker);
  // A free port in place of the configuration's, which workerd then tells of.
  const argv = ['serve', 'config.capnp', '--socket-addr=http=127.0.0.1:0', '--control-fd=3'];
  const child = spawn(WORKERD, argv, { cwd: page.directory, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
  onTestFinished(async () => {
    if (child.kill('SIGKILL')) await once(child, 'exit');
  });
  const [, , stderr, control] = child.stdio;
  if (!(stderr instanceof Readable && control instanceof Readable)) throw new Error('workerd has no pipes');
  const complaints = text(stderr);
  for await (const line of createInterface(control)) return `http://127.0.0.1:${JSON.parse(line).port}`;
  throw new Error(`workerd did not start: ${await complaints}`);
}

/** Answers what a put of it was told, or the value that was put. */
const ECHO = `export default {
  async fetch(request, env) {
    try {
      await env.SESSIONS.put('echo', await request.text(), { expirationTtl: Number(request.headers.get('ttl') ?? 60) });
      return new Response(await env.SESSIONS.get('echo'));
    } catch (error) {
      return new Response(error.message);
    }
  },
};`;

async function echo(url: string, body: string, ttl = '60'): Promise<string> {
  return await (await fetch(url, { method: 'POST', headers: { ttl }, body })).text();
}

test('its configuration and its Worker work as pasted', async () => {
  const [configuration = ''] = page.blocks('capnp');
  const [worker = '', ...rest] = page.blocks('js');
  expect(rest).toEqual([]);
  const url = await serve(configuration, worker);
  const visit = async () => JSON.parse(await (await fetch(`${url}/visits`)).text());
  const { count, since } = await visit();
  expect(count).toBe(1);
  expect(await visit()).toEqual({ count: 2, since });
  expect(await page.request('GET', `/${DOCUMENTED.namespace.id}/keys`)).toEqual([
    { name: '/visits', expiration: expect.any(Number), metadata: { since } },
  ]);
});

describe('the errors that it names', () => {
  test('come from a put that is wrong', async () => {
    const url = await serve(workerd.text(page.connection(page.url)), ECHO);
    const message = 'KV PUT failed: 400 Invalid expiration_ttl of 5. Expiration TTL must be at least 60.';
    expect(pageText('clients/workerd')).toContain(message);
    expect(await echo(url, 'x', '5')).toBe(message);
  });

  test.each([
    ['401', { token: 'nobody-has-this-token' }],
    ['403', { namespace: { id: 'f'.repeat(32), title: 'sessions' } }],
    ['400', { namespace: { id: 'f'.repeat(32), title: 'sessions' }, token: 'your-root-token' }],
  ])('%s: %j', async (status, changes) => {
    const url = await serve(page.here(workerd.text({ ...page.connection(page.url), ...changes })), ECHO);
    expect(await echo(url, 'x')).toMatch(new RegExp(`^KV PUT failed: ${status} `));
  });
});

test('through a Unix socket', async () => {
  const url = await serve(workerd.text(page.connection(`unix:${page.socket}`)), ECHO);
  expect(await echo(url, 'through the socket')).toBe('through the socket');
});

test('through TLS, with a certificate authority of one’s own, under the name of the URL', async () => {
  const proxy = await openTlsProxy(page.url);
  await page.file('ca.pem', CERTIFICATE.cert);
  const printed = workerd.text(page.connection(proxy.url));
  const own = printed.replace('trustBrowserCas = true', 'trustedCertificates = [embed "ca.pem"]');
  expect(own).not.toBe(printed);
  const url = await serve(own, ECHO);
  expect(await echo(url, 'through TLS')).toBe('through TLS');
  expect(await echo(url, 'x', '5')).toContain('400 Invalid expiration_ttl of 5.');
  expect(new Set(proxy.hosts)).toEqual(new Set([new URL(proxy.url).host]));
});

test.each(['userSessions', 'кэш', 'a"b\\c', '2024'])('a namespace with the title %j', async title => {
  const connection = page.connection(page.url);
  const printed = workerd.text({ ...connection, namespace: { ...connection.namespace, title } });
  const [, binding = ''] = /bindings = \[\(name = "(\w+)"/.exec(printed) ?? [];
  const url = await serve(printed, ECHO.replaceAll('SESSIONS', binding));
  expect(await echo(url, title)).toBe(title);
});
