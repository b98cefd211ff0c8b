/** The built client finds the same in Deno, Bun and a browser as in Node. */
import { beforeAll, expect, test } from 'vitest';
import { useServer } from '../binding/server.fixture.ts';
import { TOKEN } from '../clients/freehold.fixture.ts';
import { showInChromium } from './chromium.fixture.ts';
import { runInBun, runInDeno, runInNode } from './commands.fixture.ts';
import { usePageServer } from './page-server.fixture.ts';

const pages = usePageServer();
const freehold = useServer(() => ({ corsOrigins: [pages.origin] }));

/** For `connect`, on a namespace of its own. */
async function options(title: string): Promise<object> {
  return { url: freehold.url, namespace: await freehold.createNamespace(title), token: TOKEN };
}

let expected: { readonly name: string }[];

beforeAll(async () => {
  expected = JSON.parse(await runInNode(await options('Node')));
});

test('in Node there are hundreds of outcomes', () => {
  expect(expected.length).toBeGreaterThan(300);
});

test('Deno', async ({ signal }) => {
  expect(JSON.parse(await runInDeno(await options('Deno'), signal))).toEqual(expected);
});

test('Bun', async ({ signal }) => {
  expect(JSON.parse(await runInBun(await options('Bun'), signal))).toEqual(expected);
});

test('Chromium, from another origin', async ({ signal }) => {
  const outcomes = pages.outcomes(await options('Chromium'));
  expect(JSON.parse(await showInChromium(pages.page, outcomes, signal))).toEqual(expected);
});
