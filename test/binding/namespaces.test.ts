/** Which namespace a binding of the real workerd reaches, and with whose permission. */
import { expect, test } from 'vitest';
import { TOKEN, useFreehold } from '../clients/freehold.fixture.ts';
import { sdk } from '../clients/sdk.fixture.ts';
import { bindingOf, useWorkerd } from './workerd.fixture.ts';

const freehold = useFreehold();
const [A, B] = ['a'.repeat(32), 'b'.repeat(32)];
const SHARED = '5'.repeat(32);
const UNKNOWN = 'f'.repeat(32);

const workerd = useWorkerd(async () => {
  const [one, other] = [await freehold.createNamespace('one'), await freehold.createNamespace('other')];
  for (const account_id of [A, B]) {
    await sdk(freehold).post(`/accounts/${account_id}/storage/kv/namespaces`, {
      body: { id: SHARED, title: 'shared' },
    });
  }
  return {
    ONE: bindingOf(freehold, one),
    OTHER: bindingOf(freehold, other),
    CAPITALS: bindingOf(freehold, one.toUpperCase()),
    OF_A: bindingOf(freehold, SHARED, { 'Freehold-Account': A }),
    OF_B: bindingOf(freehold, SHARED, { 'Freehold-Account': B }),
    OF_BOTH: bindingOf(freehold, SHARED),
    ELSEWHERE: bindingOf(freehold, one, { 'Freehold-Account': B }),
    UNKNOWN: bindingOf(freehold, UNKNOWN),
    MALFORMED: bindingOf(freehold, 'sessions'),
    UNNAMED: bindingOf(freehold, one, { 'Freehold-Namespace': undefined }),
    WRONG_TOKEN: bindingOf(freehold, one, { Authorization: 'Bearer a-token-that-nobody-has' }),
    NO_TOKEN: bindingOf(freehold, one, { Authorization: undefined }),
    BARE_TOKEN: bindingOf(freehold, one, { Authorization: TOKEN }),
  };
});

test('bindings of one worker reach each its own namespace', async () => {
  const read = await workerd.run(async ({ ONE, OTHER, CAPITALS }) => {
    await Promise.all([ONE.put('key', 'of one'), OTHER.put('key', 'of the other')]);
    const values = await Promise.all([ONE.get('key'), OTHER.get('key'), CAPITALS.get('key')]);
    await ONE.delete('key');
    return [...values, (await ONE.list()).keys, (await OTHER.list()).keys];
  });
  expect(read).toEqual(['of one', 'of the other', 'of one', [], [{ name: 'key' }]]);
});

test('an id that two accounts have is told apart by the account', async () => {
  const read = await workerd.run(async ({ OF_A, OF_B }) => {
    await Promise.all([OF_A.put('key', 'of A'), OF_B.put('key', 'of B')]);
    return Promise.all([OF_A.get('key'), OF_B.get('key')]);
  });
  expect(read).toEqual(['of A', 'of B']);
});

test.each([
  ['OF_BOTH', `400 several accounts have a namespace ${SHARED}: send the account id in the header Freehold-Account`],
  ['ELSEWHERE', '400 namespace not found: '],
  ['UNKNOWN', `400 namespace not found: ${UNKNOWN}`],
  ['MALFORMED', "400 could not parse UUID from request's namespace_id: 'invalid namespace format: sessions'"],
  ['UNNAMED', '400 no namespace is named: send its id in the header Freehold-Namespace'],
  ['WRONG_TOKEN', '401 Authentication error'],
  ['NO_TOKEN', '400 Missing X-Auth-Key, X-Auth-Email or Authorization headers'],
  ['BARE_TOKEN', '400 Invalid request headers'],
] as const)('%s is an error in every operation, and never a missing key', async (name, text) => {
  const errors = await workerd.run(async (env, binding) => {
    const KV = env[binding];
    const calls = [
      KV.get('key'),
      KV.getWithMetadata('key'),
      KV.list(),
      KV.put('key', 'value'),
      KV.delete('key'),
      KV.get(['key']),
      KV.getWithMetadata(['key']),
    ];
    const settled = await Promise.allSettled(calls);
    return settled.map(result => (result.status === 'rejected' ? result.reason.message : 'no error'));
  }, name);
  const operations = ['GET', 'GET', 'GET', 'PUT', 'DELETE', 'GET_BULK', 'GET_BULK'];
  expect(errors).toEqual(operations.map(operation => expect.stringContaining(`KV ${operation} failed: ${text}`)));
});
