import { expect, test } from 'vitest';
import { mainUrl } from './main-url.ts';

test.each([
  [['unix:/run/kv.sock', 'http://127.0.0.1:1'], 'http://127.0.0.1:1'],
  [['unix:/run/kv.sock', 'https://127.0.0.1:1', 'https://[::1]:1'], 'https://127.0.0.1:1'],
  [['unix:/run/http.sock', 'unix:/run/kv.sock'], 'unix:/run/http.sock'],
  [[], undefined],
])('of %j it is %s', (urls, expected) => {
  expect(mainUrl(urls)).toBe(expected);
});
