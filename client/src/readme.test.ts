/** The package's page on npm says what there is. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FakeServer, found } from './fetch.fixture.ts';
import * as client from './index.ts';

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

test('README.md names every call, and Freehold has no other of its own', () => {
  const [cloudflares = '', own = ''] = README.split("\nFreehold's own");
  const called = (text: string) => new Set([...text.matchAll(/^\| `(\w+)\(/gm)].map(([, name]) => name));
  const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(new FakeServer(found).connect()));
  expect(called(cloudflares)).toEqual(new Set(['get', 'getWithMetadata', 'list', 'put', 'delete']));
  expect(new Set(['constructor', ...called(cloudflares), ...called(own)])).toEqual(new Set(methods));
});

test('README.md names all that can be imported', () => {
  for (const name of Object.keys(client)) expect(README).toContain(`\`${name}\``);
});
