/** What bodies and answers have of the memory for them, and that all of it comes back. */
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Admission } from '../../server/src/http/admission.ts';
import { LIMITS } from '../../server/src/kv/limits.ts';
import { appWith, type TestApp } from './app.fixture.ts';
import { RawConnection } from './raw-connection.fixture.ts';
import { TOKEN } from './server.fixture.ts';

const CREDENTIALS = `Host: x\r\nAuthorization: Bearer ${TOKEN}\r\n`;
const ADDRESS = { account: 'a'.repeat(32), id: 'b'.repeat(32) };
const CHUNKED = 'Transfer-Encoding: chunked\r\n';
const NAMESPACE = `/client/v4/accounts/${ADDRESS.account}/storage/kv/namespaces/${ADDRESS.id}`;

interface Admitted extends TestApp {
  readonly admission: Admission;
  connect(): Promise<RawConnection>;
  /** Fulfilled when nothing is in flight, and nothing waits. */
  untilNothingIsLeft(): Promise<void>;
}

/** An application with one namespace, and an admission within reach of the test. */
async function admitted(spoil?: Parameters<typeof appWith>[0]): Promise<Admitted> {
  const admission = new Admission();
  const app = await appWith(spoil, { admission });
  const { port } = app.listener.address() as AddressInfo;
  await app.engine.createNamespace(ADDRESS.account, { id: ADDRESS.id, title: 'title' });
  return {
    ...app,
    admission,
    connect: () => RawConnection.open(port),
    untilNothingIsLeft: async () => {
      while (admission.inFlightBytes + admission.waiting > 0) await setImmediate();
    },
  };
}

test('a bulk get gives back what its body had as soon as that is read, and waits for its values without it', async () => {
  const asked = Promise.withResolvers<number>();
  const answer = Promise.withResolvers<Buffer>();
  const { client, admission } = await admitted(() => ({
    getTexts: () => {
      asked.resolve(admission.inFlightBytes);
      return answer.promise;
    },
  }));
  onTestFinished(() => answer.resolve(Buffer.from('{}')));
  const body = `{"keys":["k"]${' '.repeat(2 * LIMITS.smallBodyBytes)}}`;
  const seen: number[] = [];
  const { onChange } = admission;
  admission.onChange = () => {
    seen.push(admission.inFlightBytes);
    onChange();
  };
  const got = client.send('POST', `${NAMESPACE}/bulk/get`, body);
  expect(await asked.promise).toBe(0);
  expect(seen).toEqual([body.length, 0]);
  answer.resolve(Buffer.from('{"k":null}'));
  expect((await got).result()).toEqual({ values: { k: null } });
});

describe('HEAD of a large value', () => {
  test.each([
    ['over REST', `${NAMESPACE}/values/k`],
    ['through a binding', `/binding/${ADDRESS.id}/k?urlencoded=true`],
  ])('%s has its length and no body, the connection goes on, and nothing stays counted', async (_, path) => {
    const { engine, connect, untilNothingIsLeft } = await admitted();
    for (const bytes of [8_193, LIMITS.smallBodyBytes + 1, LIMITS.mediumBodyBytes + 1]) {
      await engine.put(ADDRESS, { key: 'k', value: new Uint8Array(bytes), metadata: '{"m":1}' });
      const connection = await connect();
      // The answer to a second request begins where the first one's head ends.
      await connection.send(`HEAD ${path} HTTP/1.1\r\n${CREDENTIALS}\r\nGET /healthz HTTP/1.1\r\n${CREDENTIALS}\r\n`);
      const text = await connection.textUntil('{"status":"ok"}');
      expect(text.match(/^HTTP\/1\.1 \d+/gm)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200']);
      expect(text.split('\r\n\r\n')).toHaveLength(3);
      expect(text).toMatch(new RegExp(`^content-length: ${bytes}\r$`, 'm'));
      expect(connection.isOpen).toBe(true);
      await untilNothingIsLeft();
      connection.end();
    }
  });
});

describe('an upload that is broken off gives back all that it had', () => {
  const length = 2 * LIMITS.mediumBodyBytes;
  const form = 'Content-Type: multipart/form-data; boundary=b\r\n';
  const part = '--b\r\nContent-Disposition: form-data; name="value"\r\n\r\n';
  const zipped = gzipSync(Buffer.alloc(length)).subarray(0, -20);

  test.each<[stage: string, path: string, head: string, body: string | Buffer]>([
    ['after its head', '/values/k', `Content-Length: ${length}\r\n`, ''],
    ['within its body', '/values/k', `Content-Length: ${length}\r\n`, 'x'.repeat(length / 2)],
    ['within a body of unknown length', '/values/k', CHUNKED, 'x'.repeat(length / 2)],
    ['within a compressed body', '/values/k', `Content-Encoding: gzip\r\nContent-Length: ${length}\r\n`, zipped],
    [
      'within the value of a form',
      '/values/k',
      `${form}Content-Length: ${length}\r\n`,
      `${part}${'x'.repeat(length / 2)}`,
    ],
    ['within the head of a part', '/values/k', `${form}Content-Length: ${length}\r\n`, part.slice(0, 20)],
    ['within a bulk, before its first pair', '/bulk', `Content-Length: ${length}\r\n`, '['],
    ['within a bulk that is being read', '/bulk', `Content-Length: ${length}\r\n`, pairs(length / 2)],
    ['within a compressed bulk', '/bulk', `Content-Encoding: gzip\r\nContent-Length: ${length}\r\n`, zipped],
    ['within a bulk delete', '/bulk/delete', `Content-Length: ${length}\r\n`, `["${'k'.repeat(length / 2)}`],
  ])('%s', async (_, path, head, body) => {
    const { admission, client, listener, connect, untilNothingIsLeft } = await admitted();
    const requests: IncomingMessage[] = [];
    listener.on('request', request => requests.push(request));
    const connection = await connect();
    const method = path === '/bulk/delete' ? 'POST' : 'PUT';
    await connection.send(`${method} ${NAMESPACE}${path} HTTP/1.1\r\n${CREDENTIALS}${head}\r\n`);
    await connection.send(head === CHUNKED ? `${body.length.toString(16)}\r\n${body}\r\n` : body);
    while (admission.inFlightBytes === 0 || (requests[0]?.bodyBytes ?? 0) < body.length) await setImmediate();
    connection.reset();
    await untilNothingIsLeft();
    expect((await client.send('GET', `${NAMESPACE}/keys`)).result()).toEqual([]);
  });
});

/** The beginning of a bulk. */
function pairs(bytes: number): string {
  const pair = `{"key":"k","value":"${'v'.repeat(1_000)}"},`;
  return `[${pair.repeat(bytes / pair.length)}`;
}
