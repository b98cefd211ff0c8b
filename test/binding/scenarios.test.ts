/** What scenarios.js finds is the same with the client in Node as in the real bindings, but for what it says itself. */
import { connect } from '@freehold/client';
import { beforeAll, expect, test } from 'vitest';
import { TOKEN, useFreehold } from '../clients/freehold.fixture.ts';
import { remoteOf, useMiniflare } from './miniflare.fixture.ts';
import { DIFFERENCES, type Outcome, runScenarios } from './scenarios.js';
import { useServer } from './server.fixture.ts';
import { bindingOf, useWorkerd } from './workerd.fixture.ts';

const freehold = useFreehold();
const onSocket = useServer();

const workerd = useWorkerd(async () => {
  const binding = bindingOf(onSocket, await onSocket.createNamespace('socket'));
  return {
    PORT: bindingOf(freehold, await freehold.createNamespace('port')),
    SOCKET: { ...binding, address: `unix:${onSocket.socket}` },
  };
});

const miniflare = useMiniflare(async () => ({ KV: remoteOf(freehold, await freehold.createNamespace('Miniflare')) }));

let expected: Outcome[];

beforeAll(async () => {
  const namespace = await freehold.createNamespace('client');
  expected = await runScenarios(connect({ url: freehold.url, namespace, token: TOKEN }));
});

function comparable(outcomes: readonly Outcome[]): Outcome[] {
  return outcomes.filter(({ name }) => !Object.hasOwn(DIFFERENCES, name));
}

test('every scenario has a name of its own, and every difference is that of a scenario', () => {
  const names = expected.map(({ name }) => name);
  expect(names.length).toBeGreaterThan(300);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual(expect.arrayContaining(Object.keys(DIFFERENCES)));
});

test('in workerd, by a port', async () => {
  const outcomes = await workerd.run(({ PORT, runScenarios }) => runScenarios(PORT));
  expect(comparable(outcomes)).toEqual(comparable(expected));
});

test('in workerd, by a socket', async () => {
  const outcomes = await workerd.run(({ SOCKET, runScenarios }) => runScenarios(SOCKET));
  expect(comparable(outcomes)).toEqual(comparable(expected));
});

test('in a worker of Miniflare, with a remote namespace', async () => {
  const outcomes = await miniflare.run(({ KV, runScenarios }) => runScenarios(KV));
  expect(comparable(outcomes)).toEqual(comparable(expected));
});
