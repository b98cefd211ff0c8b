import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { rewriteTarget } from './target.ts';

const NAMESPACE = '/client/v4/accounts/a/storage/kv/namespaces/n';

type Message = Pick<IncomingMessage, 'url' | 'method' | 'headers' | 'rawKey'>;

function rewrite(message: Message): string {
  return rewriteTarget(message as IncomingMessage);
}

function rewritten(url: string): { target: string; rawKey: string | undefined } {
  const message: Message = { url, headers: {} };
  const target = rewrite(message);
  return { target, rawKey: message.rawKey };
}

describe('a target with a key is routed without it', () => {
  test.each([
    ['values/k', 'k'],
    ['values/a/b/', 'a/b/'],
    ['values//', '/'],
    ['values/%', '%'],
    ['values/a#b', 'a#b'],
    ['values/values/k', 'values/k'],
    ['metadata/../x', '../x'],
  ])('%s', (end, rawKey) => {
    const [, kind] = /^(\w+)/.exec(end) ?? [];
    expect(rewritten(`${NAMESPACE}/${end}`)).toEqual({ target: `${NAMESPACE}/${kind}/key`, rawKey });
    expect(rewritten(`${NAMESPACE}/${end}?a=/b?c`)).toEqual({ target: `${NAMESPACE}/${kind}/key?a=/b?c`, rawKey });
  });
});

test.each([
  '/',
  '*',
  `${NAMESPACE}/keys?prefix=%`,
  `${NAMESPACE}/values`,
  `${NAMESPACE}/values/`,
  `${NAMESPACE}/values/?k`,
])('any other stays as it is: %s', target => {
  expect(rewritten(target)).toEqual({ target, rawKey: undefined });
});

test('the absolute form loses its origin', () => {
  expect(rewritten('http://x.test:80/readyz?a')).toEqual({ target: '/readyz?a', rawKey: undefined });
  expect(rewritten(`HTTPS://x${NAMESPACE}/values/k`)).toEqual({ target: `${NAMESPACE}/values/key`, rawKey: 'k' });
  expect(rewritten('http://x')).toEqual({ target: '/', rawKey: undefined });
});

test.each(['/%', '/client/v4/%zz', `${NAMESPACE}%ff/values/k`])('%s, which cannot be decoded, leads nowhere', url => {
  expect(rewritten(url).target).toBe('/-');
});

describe('a request of a binding is routed under /binding', () => {
  const ID = 'a'.repeat(32);
  const inHeader = { 'freehold-namespace': ID };
  const key = (rawKey: string, query = '') => ({ target: `/binding/${ID}/key${query}`, rawKey });
  const route = (target: string) => ({ target, rawKey: undefined });

  test.each<[string, string, Message['headers'], { target: string; rawKey: string | undefined }]>([
    ['GET', '/k?urlencoded=true', inHeader, key('k', '?urlencoded=true')],
    ['GET', 'https://fake-host/k?a', inHeader, key('k', '?a')],
    ['GET', '/healthz', inHeader, key('healthz')],
    ['GET', '/client%2Fv4%2Fuser', inHeader, key('client%2Fv4%2Fuser')],
    ['GET', '/bulk%2Fget', inHeader, key('bulk%2Fget')],
    ['GET', '/%', inHeader, key('%')],
    ['GET', '/', inHeader, route(`/binding/${ID}/`)],
    ['GET', '/?prefix=a%2F', inHeader, route(`/binding/${ID}/?prefix=a%2F`)],
    ['POST', '/bulk/get', inHeader, route(`/binding/${ID}/bulk/get`)],
    ['POST', '/bulk/put', inHeader, route(`/binding/${ID}/bulk/put`)],
    ['GET', '/bulk/get', inHeader, key('bulk/get')],
    ['PUT', '/bulk/put', inHeader, key('bulk/put')],

    ['GET', `/binding/${ID}/a/b?x`, {}, key('a/b', '?x')],
    ['GET', `/binding/${ID}`, {}, route(`/binding/${ID}/`)],
    ['GET', `/binding/${ID}?prefix=a`, {}, route(`/binding/${ID}/?prefix=a`)],
    ['POST', `/binding/${ID}/bulk/delete`, {}, route(`/binding/${ID}/bulk/delete`)],
    ['GET', '/binding/', {}, route('/binding/-/')],
    ['GET', '/binding/%zz/k', {}, { target: '/binding/-/key', rawKey: 'k' }],

    ['GET', '/k', { 'cf-kv-flprod-405': 'https://fake-host/k' }, { target: '/binding/-/key', rawKey: 'k' }],
    ['GET', '/k', { 'freehold-namespace': '' }, { target: '/binding/-/key', rawKey: 'k' }],
    ['GET', '/k', { 'freehold-namespace': 'a/../b' }, { target: '/binding/a%2F..%2Fb/key', rawKey: 'k' }],

    ['PUT', `/binding/${ID}`, { 'mf-url': 'https://fake-host/k?urlencoded=true' }, key('k', '?urlencoded=true')],
    ['POST', `/binding/${ID}/?token=t`, { 'mf-url': 'https://fake-host/bulk/get' }, route(`/binding/${ID}/bulk/get`)],
    ['GET', `/binding/${ID}`, { 'mf-url': 'https://fake-host' }, route(`/binding/${ID}/`)],
    ['GET', '/', { 'mf-url': 'https://fake-host/k' }, { target: '/binding/-/key', rawKey: 'k' }],
    ['GET', `/binding?KV=${ID}&OTHER=x`, { 'mf-url': 'https://fake-host/k', 'mf-binding': 'KV' }, key('k')],
    [
      'GET',
      '/binding/?KV=a%2Fb',
      { 'mf-url': '/k', 'mf-binding': 'KV' },
      { target: '/binding/a%2Fb/key', rawKey: 'k' },
    ],
    ['GET', '/binding?a=b', { 'mf-url': '/k', 'mf-binding': 'constructor' }, { target: '/binding/-/key', rawKey: 'k' }],
    ['GET', '/binding?token=t', { 'mf-url': '/k', 'mf-binding': 'token' }, { target: '/binding/-/key', rawKey: 'k' }],
    ['GET', `/binding?KV=${ID}`, { 'mf-url': '/k', 'mf-binding': 'X' }, { target: '/binding/-/key', rawKey: 'k' }],
  ])('%s %s %j', (method, url, headers, expected) => {
    const message: Message = { method, url, headers: { ...headers } };
    const target = rewrite(message);
    expect({ target, rawKey: message.rawKey }).toEqual(expected);
  });
});

test('what Miniflare has in the query and in prefixed headers becomes plain headers', () => {
  const url = `/binding/${'a'.repeat(32)}?token=t&account=b`;
  const headers = { 'mf-url': 'https://fake-host/k', 'mf-header-cf-kv-metadata': '1', 'mf-header-host': 'fake-host' };
  const message: Message = { method: 'PUT', url, headers: { ...headers } };
  rewrite(message);
  const plain = { authorization: 'Bearer t', 'freehold-account': 'b', 'cf-kv-metadata': '1' };
  expect(message.headers).toEqual({ ...headers, ...plain });
  const own: Message = { method: 'GET', url, headers: { ...headers, authorization: 'Bearer own' } };
  rewrite(own);
  expect(own.headers.authorization).toBe('Bearer own');
});

test('credentials in the query count for Miniflare alone', () => {
  const message: Message = { method: 'GET', url: `/binding/${'a'.repeat(32)}/k?token=t`, headers: {} };
  rewrite(message);
  expect(message.headers).toEqual({});
});
