import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { rewriteTarget } from './target.ts';

const NAMESPACE = '/client/v4/accounts/a/storage/kv/namespaces/n';

function rewritten(url: string): { target: string; rawKey: string | undefined } {
  const message: Pick<IncomingMessage, 'url' | 'rawKey'> = { url };
  const target = rewriteTarget(message as IncomingMessage);
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
