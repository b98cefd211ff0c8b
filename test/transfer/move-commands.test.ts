import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Finished, freehold as run, temporaryDirectory } from '../../server/src/cli/process.fixture.ts';
import { useFreehold } from '../clients/freehold.fixture.ts';
import { ACCOUNT, Commands, TOKEN } from './commands.fixture.ts';
import { UnrulyProxy } from './unruly-proxy.fixture.ts';

const [near, far] = [useFreehold(), useFreehold()];
const [here, there] = [new Commands(near), new Commands(far)];

const PAIRS = ['a', 'b', 'c'].map(key => ({ key, value: Buffer.from(key), metadata: { key } }));

interface Around {
  readonly state?: string;
  readonly url?: string;
}

/** As a shell has it in which the other server is what wrangler speaks to. */
async function command(argv: readonly string[], { state, url = far.url }: Around = {}): Promise<Finished> {
  return await run(argv, {
    ...here.environment(),
    CLOUDFLARE_ACCOUNT_ID: ACCOUNT,
    CLOUDFLARE_API_TOKEN: TOKEN,
    CLOUDFLARE_API_BASE_URL: `${url}/client/v4`,
    XDG_STATE_HOME: state ?? (await temporaryDirectory()),
  });
}

describe('freehold pull', () => {
  test('makes the namespace with the same id and title, and keeps nothing when it is done', async () => {
    const state = await temporaryDirectory();
    const id = await there.namespace(PAIRS);
    const missing = await command(['pull', id]);
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('make it by --create') });
    const { code, stdout, stderr } = await command(['pull', id, '--create', '--json'], { state });
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/^pulling "\w+": 3 pairs in .*\n3 pairs found, 3 written, 3 at the destination\n$/);
    expect(JSON.parse(stdout)).toMatchObject({ namespaces: [{ id, found: 3, written: 3, before: 0, after: 3 }] });
    expect(await here.pairs(id)).toEqual(PAIRS);
    expect(await readdir(join(state, 'freehold')).catch(() => [])).toEqual([]);
  });

  test('--dry-run tells what there is and changes nothing', async () => {
    const id = await there.namespace(PAIRS);
    const { code, stderr } = await command(['pull', id, '--dry-run']);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^would pull 3 pairs of "\w+" \(\w{32}\) into a namespace that is to be made\n$/);
    await expect(here.pairs(id)).rejects.toThrow();
  });

  test('goes on where it was stopped, unless --restart says otherwise', async () => {
    const given = Array.from({ length: 2_500 }, (_, index) => ({ key: `${index}`, value: Buffer.from('v') }));
    const id = await there.namespace(given);
    const state = await temporaryDirectory();
    let lists = 0;
    let isUnruly = true;
    await using proxy = await UnrulyProxy.start(far.url, path => {
      if (!path.endsWith('/keys') || !isUnruly) return undefined;
      return ++lists > 2 ? { status: 403 } : undefined;
    });
    const stopped = await command(['pull', id, '--create'], { state, url: proxy.url });
    expect(stopped).toMatchObject({ code: 1, stderr: expect.stringContaining('the same command goes on from there') });
    isUnruly = false;
    const before = proxy.calls.length;
    const gone = await command(['pull', id], { state, url: proxy.url });
    expect(gone.stderr).toMatch(/^going on after (1|2),000 pairs, where an earlier run has stopped/);
    expect(gone.code, gone.stderr).toBe(0);
    expect(await here.count(id)).toBe(2_500);
    const again = await command(['pull', id, '--restart'], { state, url: proxy.url });
    expect(again.stderr).not.toContain('going on');
    expect(proxy.calls.length).toBeGreaterThan(before);
  });

  test('writes over what is here under the same keys, and leaves the rest', async () => {
    const id = await there.namespace(PAIRS);
    await command(['pull', id, '--create']);
    const newer = { key: 'a', value: Buffer.from('newer') };
    const other = { key: 'z', value: Buffer.from('other') };
    await here.put(id, [newer, other]);
    expect((await command(['pull', id])).code).toBe(0);
    expect(await here.pairs(id)).toEqual([...PAIRS, other]);
  });
});

describe('freehold push', () => {
  test('brings back what was pulled, to the namespace of that id or title', async () => {
    const id = await here.namespace(PAIRS);
    const pushed = await command(['push', id, '--create']);
    expect(pushed.code, pushed.stderr).toBe(0);
    expect(await there.pairs(id)).toEqual(PAIRS);
  });

  test('ends with exit code 1 where the other end has fewer pairs than were written', async () => {
    const id = await here.namespace(PAIRS);
    await using proxy = await UnrulyProxy.start(far.url, path =>
      path.endsWith('/bulk')
        ? {
            status: 200,
            body: '{"success":true,"errors":[],"result":{"successful_key_count":3,"unsuccessful_keys":[]}}',
          }
        : undefined,
    );
    const { code, stderr } = await command(['push', id, '--create'], { url: proxy.url });
    expect(code).toBe(1);
    expect(stderr).toContain('the destination has 0 pairs, and should have 3');
  });
});

test.each([
  [['pull'], {}, 'pull needs a NAMESPACE, its id or its title, or --all'],
  [['pull', 'a'], {}, 'pull needs --cloudflare-account'],
  [['push', 'a', '--cloudflare-account', ACCOUNT], {}, 'push needs CLOUDFLARE_API_TOKEN'],
  [['push', 'a'], { CLOUDFLARE_ACCOUNT_ID: 'x' }, 'CLOUDFLARE_ACCOUNT_ID must be 32 hexadecimal digits'],
  [['push', 'a'], { CLOUDFLARE_ACCOUNT_ID: ACCOUNT, CLOUDFLARE_API_TOKEN: 'a b' }, 'CLOUDFLARE_API_TOKEN must be'],
])('%j with %j is refused with exit code 2', async (argv, environment, text) => {
  const { code, stderr } = await run(argv, { ...here.environment(), ...environment });
  expect(stderr).toContain(text);
  expect(code).toBe(2);
});
