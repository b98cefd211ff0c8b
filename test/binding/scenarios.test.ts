/** What scenarios.js finds is the same with the client in Node as in the real bindings, but for what it says itself. */
import { connect } from '@freehold/client';
import { beforeAll, expect, test } from 'vitest';
import { TOKEN, useFreehold } from '../clients/freehold.fixture.ts';
import { remoteOf, SIMULATED, useMiniflare } from './miniflare.fixture.ts';
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

const simulation = useMiniflare(() => Promise.resolve({ KV: SIMULATED }));

const NAMES_ITEM = 'Freehold says which item of the request it is';

/** Where Freehold rightly is not as Miniflare's simulation of KV, and why. */
const FLAWS_OF_SIMULATION: Readonly<Record<string, string>> = {
  'bulk get: a byte order mark stays in text': 'Miniflare takes it away',
  'bulk get: json': 'Miniflare takes the JSON value null for a missing key',
  'bulk get: keys that objects have': 'Miniflare loses __proto__',
  'key: dot, in a bulk get': NAMES_ITEM,
  'key: empty, in a bulk get': NAMES_ITEM,
  'key: two dots, in a bulk get': NAMES_ITEM,
  'list: the prefix "nul\\u0000" is taken as it is': 'Miniflare finds nothing',
  'metadata: NaN': 'Miniflare keeps the null that JSON makes of it',
};

let expected: Outcome[];

beforeAll(async () => {
  const namespace = await freehold.createNamespace('client');
  expected = await runScenarios(connect({ url: freehold.url, namespace, token: TOKEN }));
});

function without(differences: Readonly<Record<string, string>>, outcomes: readonly Outcome[]): Outcome[] {
  return outcomes.filter(({ name }) => !Object.hasOwn(differences, name));
}

function comparable(outcomes: readonly Outcome[]): Outcome[] {
  return without(DIFFERENCES, outcomes);
}

test('every scenario has a name of its own, and every difference is that of a scenario', () => {
  const names = expected.map(({ name }) => name);
  expect(names.length).toBeGreaterThan(300);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual(expect.arrayContaining([DIFFERENCES, FLAWS_OF_SIMULATION].flatMap(Object.keys)));
});

/** The names of the scenarios that have another outcome with the client. */
function differing(outcomes: readonly Outcome[]): string[] {
  const byName = new Map(outcomes.map(outcome => [outcome.name, JSON.stringify(outcome)]));
  return expected.filter(outcome => byName.get(outcome.name) !== JSON.stringify(outcome)).map(({ name }) => name);
}

test('in workerd, by a port', async () => {
  const outcomes = await workerd.run(({ PORT, runScenarios }) => runScenarios(PORT));
  expect(differing(outcomes).toSorted()).toEqual(Object.keys(DIFFERENCES).toSorted());
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

test("in Miniflare's own simulation of KV, but for its flaws", async () => {
  const outcomes = await simulation.run(({ KV, runScenarios }) => runScenarios(KV));
  expect(without(FLAWS_OF_SIMULATION, comparable(outcomes))).toEqual(
    without(FLAWS_OF_SIMULATION, comparable(expected)),
  );
});
