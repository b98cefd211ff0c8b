import { expect, test } from 'vitest';
import type { Connection } from './recipe.ts';
import { workerd } from './workerd.ts';

function connection(url: string): Connection {
  return { url, account: 'a'.repeat(32), namespace: { id: 'b'.repeat(32), title: 'sessions' }, token: 't' };
}

test.each([
  ['http://127.0.0.1:8480', '127.0.0.1:8480'],
  ['http://[::1]:8480', '[::1]:8480'],
  ['http://kv.example.com', 'kv.example.com:80'],
  ['https://kv.example.com', 'kv.example.com:443'],
  ['https://kv.example.com:8443', 'kv.example.com:8443'],
  ['unix:/run/freehold.sock', 'unix:/run/freehold.sock'],
])('%s is the address %s', (url, address) => {
  expect(workerd.urlFault(url)).toBeUndefined();
  expect(workerd.text(connection(url))).toContain(`\n  address = "${address}",\n`);
});

test.each([
  ['https://kv.example.com', 'kv.example.com'],
  ['https://kv.example.com:8443', 'kv.example.com:8443'],
])('%s is asked for under the name %s, and its certificate under its host alone', (url, host) => {
  const text = workerd.text(connection(url));
  expect(text).toContain(`(name = "Host", value = "${host}"),\n`);
  expect(text).toContain('certificateHost = "kv.example.com",\n');
});

test('a URL with a path is none for workerd', () => {
  expect(workerd.urlFault('http://127.0.0.1:8480/kv')).toBe('cannot use a URL with a path');
});
