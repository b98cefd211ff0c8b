import { beforeAll, expect, test } from 'vitest';
import { ACCOUNT, TOKEN, useFreehold } from './freehold.fixture.ts';
import { sdk } from './sdk.fixture.ts';
import { useWrangler } from './wrangler.fixture.ts';

const freehold = useFreehold();
const wrangler = useWrangler(freehold);
const OTHER = 'a'.repeat(32);

beforeAll(async () => {
  for (const account_id of [ACCOUNT, OTHER]) await sdk(freehold).kv.namespaces.create({ account_id, title: 'some' });
});

test.each<[string, Record<string, undefined>]>([
  ['with', {}],
  ['without', { CLOUDFLARE_ACCOUNT_ID: undefined }],
])('%s an account id it shows the user and every account with namespaces', async (_, changes) => {
  const [shown, json] = await Promise.all([
    wrangler.run(['whoami'], changes),
    wrangler.run(['whoami', '--json'], changes),
  ]);
  expect(shown.code, shown.shown).toBe(0);
  expect(shown.shown).toContain('You are logged in with an User API Token, associated with the email root@localhost');
  expect(shown.shown).toContain(ACCOUNT);
  expect(shown.shown).toContain(OTHER);
  expect(JSON.parse(json.shown)).toEqual({
    loggedIn: true,
    authType: 'User API Token',
    email: 'root@localhost',
    accounts: [ACCOUNT, OTHER].map(id => ({ id, name: `Freehold ${id}`, type: 'standard' })),
  });
});

test('asked for an account it shows the role there', async () => {
  expect(await wrangler.output('whoami', '--account', OTHER)).toMatch(/Membership roles in "Freehold a+".*\n- Admin/);
});

test('an e-mail address with an API key is shown as such', async () => {
  const key = { CLOUDFLARE_EMAIL: 'someone@example.com', CLOUDFLARE_API_KEY: TOKEN, CLOUDFLARE_API_TOKEN: undefined };
  const { code, shown } = await wrangler.run(['whoami'], key);
  expect(code, shown).toBe(0);
  expect(shown).toContain('You are logged in with an Global API Key, associated with the email someone@example.com');
});

test('a token that nobody has is told as such, and no token too', async () => {
  const [unknown, none] = await Promise.all([
    wrangler.failure(['whoami'], { CLOUDFLARE_API_TOKEN: 'a-token-that-nobody-has' }),
    wrangler.failure(['whoami', '--json'], { CLOUDFLARE_API_TOKEN: undefined }),
  ]);
  expect(unknown).toContain('Authentication error [code: 10000]');
  expect(JSON.parse(none)).toEqual({ loggedIn: false });
});
