import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { readTarget, type Target } from './target.ts';

type Message = Pick<IncomingMessage, 'url' | 'method' | 'headers'>;

function read(message: Message): Target {
  return readTarget(message as IncomingMessage);
}

test('the query is what follows the first question mark', () => {
  const pathOf = (url: string) => read({ url, headers: {} });
  expect(pathOf('/a/b')).toEqual({ path: '/a/b', query: '' });
  expect(pathOf('/a?')).toEqual({ path: '/a', query: '' });
  expect(pathOf('/a%?b=/c?d#e')).toEqual({ path: '/a%', query: 'b=/c?d#e' });
  expect(pathOf('*')).toEqual({ path: '*', query: '' });
});

test('the absolute form loses its origin', () => {
  const targetOf = (url: string) => read({ url, headers: {} });
  expect(targetOf('http://x.test:80/readyz?a')).toEqual({ path: '/readyz', query: 'a' });
  expect(targetOf('HTTPS://x/values/http://k')).toEqual({ path: '/values/http://k', query: '' });
  expect(targetOf('http://x')).toEqual({ path: '/', query: '' });
  expect(targetOf('http://x?a')).toEqual({ path: '/', query: 'a' });
});

describe('a request of a binding is routed under /binding', () => {
  const ID = 'a'.repeat(32);
  const inHeader = { 'freehold-namespace': ID };
  const bound = (rest: string, query = '') => ({ path: `/binding/${ID}${rest}`, query });
  const unnamed = (rest: string) => ({ path: `/binding/${rest}`, query: '' });

  test.each<[string, string, Message['headers'], Target]>([
    ['GET', '/k?urlencoded=true', inHeader, bound('/k', 'urlencoded=true')],
    ['GET', 'https://fake-host/k?a', inHeader, bound('/k', 'a')],
    ['GET', '/healthz', inHeader, bound('/healthz')],
    ['GET', '/client%2Fv4%2Fuser', inHeader, bound('/client%2Fv4%2Fuser')],
    ['GET', '/bulk%2Fget', inHeader, bound('/bulk%2Fget')],
    ['GET', '/%', inHeader, bound('/%')],
    ['GET', '/', inHeader, bound('/')],
    ['GET', '/?prefix=a%2F', inHeader, bound('/', 'prefix=a%2F')],
    ['POST', '/bulk/get', inHeader, bound('/bulk/get')],
    ['POST', '/bulk/put', inHeader, bound('/bulk/put')],
    ['GET', '/bulk/get', inHeader, bound('/bulk/get')],
    ['PUT', '/bulk/put', inHeader, bound('/bulk/put')],

    ['GET', `/binding/${ID}/a/b?x`, {}, bound('/a/b', 'x')],
    ['GET', `/binding/${ID}`, {}, bound('')],
    ['GET', `/binding/${ID}?prefix=a`, {}, bound('', 'prefix=a')],
    ['POST', `/binding/${ID}/bulk/delete`, {}, bound('/bulk/delete')],
    ['GET', '/binding/', {}, unnamed('')],
    ['GET', '/binding/%zz/k', {}, unnamed('/k')],

    ['GET', '/k', { 'cf-kv-flprod-405': 'https://fake-host/k' }, unnamed('/k')],
    ['GET', '/k', { 'freehold-namespace': '' }, unnamed('/k')],
    ['GET', '/k', { 'freehold-namespace': 'a/../b' }, unnamed('a%2F..%2Fb/k')],

    ['PUT', `/binding/${ID}`, { 'mf-url': 'https://fake-host/k?urlencoded=true' }, bound('/k', 'urlencoded=true')],
    ['POST', `/binding/${ID}/?token=t`, { 'mf-url': 'https://fake-host/bulk/get' }, bound('/bulk/get')],
    ['GET', `/binding/${ID}`, { 'mf-url': 'https://fake-host' }, bound('/')],
    ['GET', '/', { 'mf-url': 'https://fake-host/k' }, unnamed('/k')],
    ['GET', `/binding?KV=${ID}&OTHER=x`, { 'mf-url': 'https://fake-host/k', 'mf-binding': 'KV' }, bound('/k')],
    ['GET', '/binding/?KV=a%2Fb', { 'mf-url': '/k', 'mf-binding': 'KV' }, unnamed('a%2Fb/k')],
    ['GET', '/binding?a=b', { 'mf-url': '/k', 'mf-binding': 'constructor' }, unnamed('/k')],
    ['GET', '/binding?token=t', { 'mf-url': '/k', 'mf-binding': 'token' }, unnamed('/k')],
    ['GET', `/binding?KV=${ID}`, { 'mf-url': '/k', 'mf-binding': 'X' }, unnamed('/k')],
  ])('%s %s %j', (method, url, headers, expected) => {
    const message: Message = { method, url, headers: { ...headers } };
    expect(read(message)).toEqual(expected);
  });
});

test('what Miniflare has in the query and in prefixed headers becomes plain headers', () => {
  const url = `/binding/${'a'.repeat(32)}?token=t&account=b`;
  const headers = { 'mf-url': 'https://fake-host/k', 'mf-header-cf-kv-metadata': '1', 'mf-header-host': 'fake-host' };
  const message: Message = { method: 'PUT', url, headers: { ...headers } };
  read(message);
  const plain = { authorization: 'Bearer t', 'freehold-account': 'b', 'cf-kv-metadata': '1' };
  expect(message.headers).toEqual({ ...headers, ...plain });
  const own: Message = { method: 'GET', url, headers: { ...headers, authorization: 'Bearer own' } };
  read(own);
  expect(own.headers.authorization).toBe('Bearer own');
});

test('credentials in the query count for Miniflare alone', () => {
  const message: Message = { method: 'GET', url: `/binding/${'a'.repeat(32)}/k?token=t`, headers: {} };
  read(message);
  expect(message.headers).toEqual({});
});
