/** Workers Sites: `wrangler deploy` keeps a directory's files as pairs of a namespace. */
import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { useFreehold } from './freehold.fixture.ts';
import { account, collect, sdk } from './sdk.fixture.ts';
import { useWrangler } from './wrangler.fixture.ts';
import { useWorkersApi } from './wrangler-deploy.fixture.ts';

const freehold = useFreehold();
const wrangler = useWrangler(freehold);
const workers = useWorkersApi(freehold);
let site: string;

beforeAll(async () => {
  site = join(wrangler.directory, 'public');
  await wrangler.file('worker.js', 'export default { fetch: () => new Response() };');
});

beforeEach(async () => {
  await mkdir(site);
  workers.asked.length = 0;
  return () => rm(site, { recursive: true });
});

/** Answers the id of the namespace in which the files lie. */
async function deploy(name: string, ...flags: string[]): Promise<string> {
  const configuration = { name, main: 'worker.js', compatibility_date: '2026-10-01', site: { bucket: './public' } };
  const file = await wrangler.jsonFile(`${name}.json`, configuration);
  const changes = { CLOUDFLARE_API_BASE_URL: `${workers.url}/client/v4` };
  const { code, shown } = await wrangler.run(['deploy', '--config', file, ...flags], changes);
  expect(code, shown).toBe(0);
  const namespaces = await collect(sdk(freehold).kv.namespaces.list(account));
  return namespaces.find(({ title }) => title === `__${name}-workers_sites_assets`)?.id ?? 'none';
}

/** What was written and deleted, as the last deployment asked for it. */
function changes(): string[] {
  return workers.asked.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`);
}

async function names(id: string): Promise<string[]> {
  return (await freehold.keys(id)).map(({ name }) => name);
}

test('fifteen files of 24 MB arrive in five bulks of 98 MB at the same time, byte for byte', async () => {
  const bulks = 5;
  const [filesPerBulk, bytes] = [3, 24_400_000];
  const content = randomBytes(bytes);
  const files = Array.from({ length: bulks * filesPerBulk }, (_, index) => `${index}.bin`);
  for (const [index, name] of files.entries()) await writeFile(join(site, name), differing(content, index));
  workers.holdBulks(bulks);
  const id = await deploy('large');
  const sizes = workers.asked.filter(({ path }) => path.endsWith('/bulk')).map(bulk => bulk.bytes);
  expect(sizes).toHaveLength(bulks);
  expect(Math.min(...sizes)).toBeGreaterThan((filesPerBulk * bytes * 4) / 3);
  const keys = await names(id);
  expect(keys.map(key => key.replace(/\.\w+\./, '.'))).toEqual(files.toSorted());
  for (const key of keys) {
    const index = Number(key.slice(0, key.indexOf('.')));
    expect((await freehold.value(id, key))?.equals(differing(content, index)), key).toBe(true);
  }
}, 180_000);

/** The same buffer with another first byte. */
function differing(content: Buffer, index: number): Buffer {
  content[0] = index;
  return content;
}

test('2,001 files are three bulks, and a second deployment finds them there', async () => {
  await Promise.all(Array.from({ length: 2_001 }, (_, index) => writeFile(join(site, `${index}.txt`), `${index}`)));
  const id = await deploy('many');
  expect(changes()).toEqual(['POST /namespaces', ...Array(3).fill(`PUT /namespaces/${id}/bulk`)]);
  workers.asked.length = 0;
  await deploy('many');
  expect(changes()).toEqual([]);
  expect(workers.asked.filter(({ path }) => path.includes('/keys?'))).toHaveLength(3);
});

test('what changed is written, and what was there before is deleted', async () => {
  await writeFile(join(site, 'kept.txt'), 'kept');
  await writeFile(join(site, 'changed ☕.txt'), 'old');
  const id = await deploy('changing');
  const before = await names(id);
  await writeFile(join(site, 'changed ☕.txt'), 'new');
  workers.asked.length = 0;
  await deploy('changing');
  expect(changes()).toEqual([`PUT /namespaces/${id}/bulk`, `DELETE /namespaces/${id}/bulk`]);
  const [changed = '', kept = '', ...rest] = await names(id);
  expect(rest).toEqual([]);
  expect(before).toContain(kept);
  expect(before).not.toContain(changed);
  expect(String(await freehold.value(id, kept))).toBe('kept');
  expect(String(await freehold.value(id, changed))).toBe('new');
});

test('what was there before can be kept for a while', async () => {
  const old = randomBytes(1_000);
  await writeFile(join(site, 'a'), old);
  const id = await deploy('lingering');
  const [before = ''] = await names(id);
  await writeFile(join(site, 'a'), randomBytes(1_000));
  const soonest = Math.floor(Date.now() / 1000) + 3_600;
  await deploy('lingering', '--old-asset-ttl', '3600');
  const keys = await freehold.keys(id);
  expect(keys).toHaveLength(2);
  expect(keys.find(({ name }) => name === before)?.expiration).toBeGreaterThanOrEqual(soonest);
  expect(keys.find(({ name }) => name !== before)).not.toHaveProperty('expiration');
  expect(await freehold.value(id, before)).toEqual(old);
});
