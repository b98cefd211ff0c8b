/** Every row of the table of errors is reached by a request, and answered with its status, code and text. */
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { Admission } from '../../server/src/http/admission.ts';
import { type Engine, EngineError, type StoredToken } from '../../server/src/kv/engine.ts';
import { ERRORS, type ErrorName, type ErrorRow } from '../../server/src/kv/errors.ts';
import { LIMITS } from '../../server/src/kv/limits.ts';
import { hashToken } from '../../server/src/tokens.ts';
import { appWith } from './app.fixture.ts';
import type { Headers } from './client.fixture.ts';
import { form } from './namespace.fixture.ts';
import { RawConnection } from './raw-connection.fixture.ts';
import { NAMESPACES_PATH, serveForTests, TOKEN } from './server.fixture.ts';

const server = serveForTests();
const full = serveForTests({ diskFreeBytesMin: Number.MAX_SAFE_INTEGER });
const withoutAuth = serveForTests({ noAuth: true });

interface Refusal {
  readonly status: number;
  readonly json: { readonly errors: readonly { readonly code: number; readonly message: string }[] };
}

const ID = 'a'.repeat(32);
const TOKENS = '/freehold/v1/tokens';
const EXPORT = `/freehold/v1/accounts/${ID}/namespaces/${ID}/export`;
const UNKNOWN = `${NAMESPACES_PATH}/${'f'.repeat(32)}`;

function withCredentials(headers: Headers, path = NAMESPACES_PATH): Promise<Refusal> {
  return server.client.sendBare('GET', path, undefined, headers);
}

function get(path: string): Promise<Refusal> {
  return server.client.send('GET', path);
}

function create(body: object): Promise<Refusal> {
  return server.client.sendJson('POST', NAMESPACES_PATH, body);
}

async function put(query: string, metadata?: string): Promise<Refusal> {
  const namespace = await server.namespace();
  return namespace.putForm('k', form({ value: 'v', ...(metadata !== undefined && { metadata }) }), query);
}

async function putMultipart(body: string): Promise<Refusal> {
  return (await server.namespace()).put('k', body, '', { 'content-type': 'multipart/form-data; boundary=b' });
}

async function bulkPut(...pairs: unknown[]): Promise<Refusal> {
  return (await server.namespace()).bulkPut(pairs);
}

async function bulkGet(body: object, value: string | Uint8Array = 'v'): Promise<Refusal> {
  const namespace = await server.namespace();
  for (const key of ['k', 'l']) await namespace.put(key, value);
  return namespace.bulkGet({ keys: ['k', 'l'], ...body });
}

async function list(query: Readonly<Record<string, string>>): Promise<Refusal> {
  return (await server.namespace()).list(query);
}

async function sendRaw(bytes: string): Promise<Refusal> {
  return rawAnswer(await RawConnection.open(server.port), bytes);
}

async function rawAnswer(connection: RawConnection, bytes: string): Promise<Refusal> {
  await connection.send(bytes);
  const { status, body } = await connection.answer();
  connection.end();
  return { status, json: JSON.parse(body) };
}

/** A refusal of the binding, which carries no code. */
async function bound(name: ErrorName, path: string, headers: Headers = {}): Promise<Refusal> {
  const { status, reason } = await server.client.send('GET', path, undefined, headers);
  return { status, json: { errors: [{ code: ERRORS[name].code, message: reason }] } };
}

/** Sends with a token of that kind. */
async function senderWith(grant: Partial<StoredToken>) {
  const { client, engine } = await appWith();
  await engine.createToken({ id: ID, name: 'limited', hash: hashToken('limited'), createdAt: 0, ...grant });
  return (method: string, path: string, body?: string): Promise<Refusal> =>
    client.send(method, path, body, { authorization: 'Bearer limited' });
}

function closingAtFirstListing(engine: Engine): Partial<Engine> {
  return {
    listNamespaces: async (...arguments_) => {
      await engine.close();
      return engine.listNamespaces(...arguments_);
    },
  };
}

const REQUESTS: Readonly<Record<ErrorName, () => Promise<Refusal>>> = {
  credentialsMissing: () => withCredentials({}),
  authorizationMalformed: () => withCredentials({ authorization: 'Basic x' }),
  authEmailMalformed: () => withCredentials({ 'x-auth-email': 'x', 'x-auth-key': 'x' }),
  authKeyMalformed: () => withCredentials({ 'x-auth-email': 'x@y', 'x-auth-key': '' }),
  tokenUnknown: () => withCredentials({ authorization: 'Bearer x' }),
  tokenNotVerified: () => withCredentials({ authorization: 'Bearer x' }, '/client/v4/user/tokens/verify'),
  tokenForbidden: async () => {
    const send = await senderWith({ account: ID, namespaces: [ID] });
    return send('GET', NAMESPACES_PATH);
  },
  tokenReadOnly: async () => {
    const send = await senderWith({ readOnly: true });
    return send('POST', NAMESPACES_PATH, '{}');
  },
  authKeyUnknown: () => withCredentials({ 'x-auth-email': 'x@y', 'x-auth-key': 'x' }),
  tokenRateExceeded: async () => {
    const send = await senderWith({ requestsPerSecond: 1 });
    await send('GET', NAMESPACES_PATH);
    return send('GET', NAMESPACES_PATH);
  },
  tokenBytesExceeded: async () => {
    const send = await senderWith({ bytesPerDay: 1 });
    await send('GET', NAMESPACES_PATH);
    return send('GET', NAMESPACES_PATH);
  },
  pageForbidden: () => withoutAuth.client.sendBare('GET', NAMESPACES_PATH, undefined, { origin: 'http://localhost' }),
  hostForbidden: () => withoutAuth.client.sendBare('GET', NAMESPACES_PATH, undefined, { host: 'kv.example.com' }),

  routeNotFound: () => get('/client/v4/nowhere'),
  noRouteForUri: async () => {
    const { status, json } = await get('/client/v4/nowhere');
    return { status, json: { errors: json.errors.slice(1) } };
  },
  methodNotAllowed: () => server.client.send('PATCH', NAMESPACES_PATH),
  requestMalformed: () => sendRaw('nonsense\r\n\r\n'),
  requestTimeout: async () => {
    // Node takes minutes to come to this event, so it is given to the server here, with a connection of its own.
    const { client, listener } = await appWith();
    const connected = once(listener, 'connection') as Promise<[Socket]>;
    const connection = await RawConnection.open((listener.address() as AddressInfo).port);
    const [socket] = await connected;
    client.close();
    listener.emit('clientError', Object.assign(new Error(), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket);
    return rawAnswer(connection, '');
  },
  requestHeadersTooLarge: () => sendRaw(`GET / HTTP/1.1\r\nHost: ${'x'.repeat(LIMITS.requestHeaderBytes)}`),
  bodyTooLarge: () => create({ title: 'x'.repeat(LIMITS.jsonBodyBytes) }),
  contentEncodingUnsupported: async () => (await server.namespace()).put('k', 'v', '', { 'content-encoding': 'lzma' }),
  bodyNotDecodable: async () => (await server.namespace()).put('k', 'v', '', { 'content-encoding': 'gzip' }),

  namespaceIdMalformed: () => get(`${NAMESPACES_PATH}/short`),
  namespaceNotFound: () => get(UNKNOWN),
  removedNamespaceNotFound: () => server.client.send('DELETE', UNKNOWN),
  boundNamespaceNotFound: () => bound('boundNamespaceNotFound', `/binding/${'f'.repeat(32)}/k`),
  boundNamespaceMissing: () => bound('boundNamespaceMissing', '/k', { 'cf-kv-flprod-405': 'https://fake-host/k' }),
  boundNamespaceAmbiguous: async () => {
    for (const digit of ['d', 'e']) {
      const path = NAMESPACES_PATH.replace(/[0-9a-f]{32}/, digit.repeat(32));
      await server.client.sendJson('POST', path, { title: 'the same id', id: 'c'.repeat(32) });
    }
    return bound('boundNamespaceAmbiguous', `/binding/${'c'.repeat(32)}/k`);
  },
  accountIdMalformed: () => bound('accountIdMalformed', `/binding/${ID}/k`, { 'freehold-account': 'x' }),
  titleTaken: async () => {
    await create({ title: 'taken' });
    return create({ title: 'taken' });
  },
  namespaceIdTaken: async () => {
    await create({ title: 'one', id: ID });
    return create({ title: 'another', id: ID });
  },
  tooManyNamespaces: async () => {
    const path = NAMESPACES_PATH.replace(/[0-9a-f]{32}/, 'b'.repeat(32));
    const attempts = Array.from({ length: LIMITS.namespacesPerAccount + 1 }, (_, number) =>
      server.client.sendJson('POST', path, { title: `namespace ${number}` }),
    );
    const refused = (await Promise.all(attempts)).filter(({ status }) => status !== 200);
    expect(refused).toHaveLength(1);
    return refused[0] ?? expect.unreachable();
  },
  titleMissing: () => create({}),
  titleTooLong: () => create({ title: 'x'.repeat(LIMITS.titleCharacters + 1) }),
  jurisdictionInvalid: () => create({ title: 'x', jurisdiction: 'mars' }),
  namespaceBodyMalformed: () => server.client.send('POST', NAMESPACES_PATH, '{'),
  pageInvalid: () => get(`${NAMESPACES_PATH}?page=0`),
  perPageInvalid: () => get(`${NAMESPACES_PATH}?per_page=0`),
  orderInvalid: () => get(`${NAMESPACES_PATH}?order=x`),
  directionInvalid: () => get(`${NAMESPACES_PATH}?direction=x`),

  tokenNotFound: () => server.client.send('DELETE', `${TOKENS}/${ID}`),
  tokenBodyMalformed: () => server.client.send('POST', TOKENS, '{'),
  tooManyTokens: async () => {
    const { client, engine } = await appWith();
    const numbers = Array.from({ length: LIMITS.tokens }, (_, number) => String(number));
    await Promise.all(
      numbers.map(id => engine.createToken({ id, name: 'one of many', hash: hashToken(id), createdAt: 0 })),
    );
    return client.sendJson('POST', TOKENS, { name: 'one more' });
  },
  tokenMemberInvalid: () => server.client.sendJson('POST', TOKENS, {}),

  limitTooSmall: () => list({ limit: '9' }),
  limitTooLarge: () => list({ limit: '1001' }),
  limitNotInteger: () => list({ limit: 'x' }),
  keyCountLimitTooSmall: () => bound('keyCountLimitTooSmall', `/binding/${ID}?key_count_limit=0`),
  keyCountLimitTooLarge: () => bound('keyCountLimitTooLarge', `/binding/${ID}?key_count_limit=1001`),
  cursorInvalid: () => list({ cursor: '!' }),

  httpVersionTooLow: () => sendRaw(`GET ${EXPORT} HTTP/1.0\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`),
  parameterInvalid: () => get(`${EXPORT}?show=x`),

  keyNotFound: async () => (await server.namespace()).get('k'),
  keyTooLong: async () => (await server.namespace()).get('x'.repeat(LIMITS.keyBytes + 1)),
  keyIllegal: async () => (await server.namespace()).getRaw('..'),
  keyEmpty: () => bulkPut({ key: '', value: 'v' }),
  keyNotDecodable: async () => (await server.namespace()).getRaw('%'),

  cacheTtlInvalid: () => bound('cacheTtlInvalid', `/binding/${ID}/k?cache_ttl=29`),

  valueTooLarge: async () => (await server.namespace()).put('k', new Uint8Array(LIMITS.valueBytes + 1)),
  metadataTooLarge: () => put('', JSON.stringify('x'.repeat(LIMITS.metadataBytes))),
  metadataNotJson: () => put('', '{'),
  multipartValueMissing: () => putMultipart('--b--\r\n'),
  multipartMalformed: () => putMultipart(''),
  expirationNotFuture: () => put('?expiration=1'),
  expirationTooSoon: () => put(`?expiration=${server.now + 1}`),
  ttlNotPositive: () => put('?expiration_ttl=0'),
  ttlTooShort: () => put('?expiration_ttl=59'),

  pairsMalformed: async () => (await server.namespace()).bulkPut({}),
  keysMalformed: async () => (await server.namespace()).bulkDelete({}),
  memberInvalid: () => bulkPut({ key: 'k', value: 7 }),
  base64Invalid: () => bulkPut({ key: 'k', value: '!', base64: true }),
  duplicateKey: () => bulkPut({ key: 'k', value: 'v' }, { key: 'k', value: 'w' }),
  keysTaken: async () => {
    const namespace = await server.namespace();
    await namespace.put('k', 'v');
    const path = `/freehold/v1/accounts/${namespace.account}/namespaces/${namespace.id}/import?on_conflict=fail`;
    return server.client.sendJson('PUT', path, [{ key: 'k', value: 'w' }]);
  },
  tooManyPairs: () => bulkPut(...Array(LIMITS.bulkPutPairs + 1).fill({ key: 'k', value: 'v' })),
  tooManyKeys: async () => (await server.namespace()).bulkDelete(Array(LIMITS.bulkDeleteKeys + 1).fill('k')),
  bulkGetTooManyKeys: () => bulkGet({ keys: Array(LIMITS.bulkGetKeys + 1).fill('k') }),
  bulkGetNoKeys: () => bulkGet({ keys: [] }),
  bulkGetTypeInvalid: () => bulkGet({ type: 'x' }),
  bulkGetNotText: () => bulkGet({}, Uint8Array.of(255)),
  bulkGetNotJson: () => bulkGet({ type: 'json' }, '{'),
  bulkGetTooLarge: () => bulkGet({}, new Uint8Array(LIMITS.bulkGetValueBytes / 2 + 1)),

  internal: async () => {
    const { client } = await appWith(() => ({ get: () => Promise.reject(new TypeError('a defect')) }));
    return client.send('GET', `${UNKNOWN}/values/k`);
  },
  engineUnavailable: async () => {
    const { client } = await appWith(closingAtFirstListing);
    return client.send('GET', NAMESPACES_PATH);
  },
  overloaded: async () => {
    const admission = new Admission({ waitMs: 1 });
    const { client } = await appWith(undefined, { admission });
    const all = admission.tryReserve(LIMITS.inFlightBytes);
    const body = new Uint8Array(LIMITS.mediumBodyBytes + 1);
    const answer = await client.send('PUT', `${UNKNOWN}/values/k`, body);
    all?.release();
    return answer;
  },
  tooManyScans: async () => {
    const { client, engine } = await appWith();
    await engine.createNamespace(ID, { id: ID, title: 'x' });
    const range = { prefix: '', after: '', values: false };
    for (let scans = 0; scans < LIMITS.scans; scans++) await engine.scan({ account: ID, id: ID }, range);
    return client.send('GET', `/freehold/v1/accounts/${ID}/namespaces/${ID}/count`);
  },
  scanEnded: async () => {
    const { client } = await appWith(() => ({ count: () => Promise.reject(new EngineError('scanEnded')) }));
    return client.send('GET', `/freehold/v1/accounts/${ID}/namespaces/${ID}/count`);
  },
  storageFull: () => full.client.sendJson('POST', NAMESPACES_PATH, { title: 'x' }),
};

/** A text with anything in the places of its parameters, and behind it the item that it is about. */
function pattern(text: string): RegExp {
  const fixed = text.split(/\{\w+\}/).map(piece => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${fixed.join('.+')}( \\(item \\d+(, key .*)?\\))?$`, 's');
}

describe('a request gets', () => {
  test.each(Object.keys(ERRORS) as ErrorName[])('%s', async name => {
    const { status, code, text, chain }: ErrorRow = ERRORS[name];
    const answer = await REQUESTS[name]();
    expect(answer.status).toBe(status);
    const error = { code, message: expect.stringMatching(pattern(text)), ...(chain && { error_chain: [chain] }) };
    expect(answer.json.errors[0]).toEqual(error);
    expect(JSON.stringify(answer.json)).not.toMatch(/undefined|\[object/);
  });
});

test('every row has its request, and no other has one', () => {
  expect(Object.keys(REQUESTS)).toEqual(Object.keys(ERRORS));
});

test('what could be repeated later says when', async () => {
  const { client } = await appWith(closingAtFirstListing);
  const answer = await client.send('GET', NAMESPACES_PATH);
  expect(answer.failure).toBe('503 10503');
  expect(answer.headers['retry-after']).toBe('1');
});
