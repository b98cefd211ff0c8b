/** Every client there is, each as one who writes and reads pairs of one namespace. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect } from '@freehold/client';
import { toFile } from 'cloudflare';
import { createStorage } from 'unstorage';
import cloudflareKvHttp from 'unstorage/drivers/cloudflare-kv-http';
import type { MiniflareProcess } from '../binding/miniflare.fixture.ts';
import type { Workerd } from '../binding/workerd.fixture.ts';
import { ACCOUNT, type Freehold, type ListedKey, TOKEN } from './freehold.fixture.ts';
import { account, collect, sdk } from './sdk.fixture.ts';
import { on, type Wrangler } from './wrangler.fixture.ts';

interface Extras {
  readonly metadata: unknown;
  /** In Unix seconds. */
  readonly expiration: number;
}

export interface Participant {
  writeText(key: string, text: string, extras: Extras): Promise<unknown>;
  readText(key: string): Promise<unknown>;
  delete(key: string): Promise<unknown>;
}

/** One that also has bytes, metadata and times of expiration. */
export interface FullParticipant extends Participant {
  writeBytes(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<unknown>;
  readBytes(key: string): Promise<Buffer>;
  list(): Promise<readonly ListedKey[]>;
}

export interface Programs {
  readonly freehold: Freehold;
  readonly namespace: string;
  readonly workerd: Workerd<'KV'>;
  readonly miniflare: MiniflareProcess<'KV'>;
  readonly wrangler: Wrangler;
}

export const FULL_PARTICIPANTS = {
  workerd: ({ workerd }) => ({
    writeText: (...pair) => workerd.run(({ KV }, key, text, extras) => KV.put(key, text, extras), ...pair),
    writeBytes: (name, bytes) =>
      workerd.run(({ KV }, key, numbers) => KV.put(key, Uint8Array.from(numbers)), name, [...bytes]),
    readText: name => workerd.run(({ KV }, key) => KV.get(key), name),
    readBytes: async name => {
      const read = await workerd.run(
        async ({ KV }, key) => Array.from(new Uint8Array((await KV.get(key, 'arrayBuffer')) ?? new ArrayBuffer())),
        name,
      );
      return Buffer.from(read);
    },
    list: async () => (await workerd.run(({ KV }) => KV.list())).keys,
    delete: name => workerd.run(({ KV }, key) => KV.delete(key), name),
  }),

  Miniflare: ({ miniflare }) => {
    const kv = () => miniflare.namespace('KV');
    return {
      writeText: async (key, text, extras) => (await kv()).put(key, text, extras),
      writeBytes: async (key, bytes) => (await kv()).put(key, bytes),
      readText: async key => (await kv()).get(key),
      readBytes: async key => Buffer.from((await (await kv()).get(key, 'arrayBuffer')) ?? new ArrayBuffer()),
      list: async () => (await (await kv()).list()).keys,
      delete: async key => (await kv()).delete(key),
    };
  },

  'the client': ({ freehold, namespace }) => {
    const kv = connect({ url: freehold.url, namespace, token: TOKEN });
    return {
      writeText: (key, text, extras) => kv.put(key, text, extras),
      writeBytes: (key, bytes) => kv.put(key, bytes),
      readText: key => kv.get(key),
      readBytes: async key => Buffer.from((await kv.get(key, 'arrayBuffer')) ?? new ArrayBuffer()),
      list: async () => (await kv.list()).keys,
      delete: key => kv.delete(key),
    };
  },

  'the SDK': ({ freehold, namespace }) => {
    const { values, keys } = sdk(freehold).kv.namespaces;
    const at = { ...account, namespace_id: namespace };
    return {
      writeText: (key, value, { metadata, expiration }) =>
        values.update(key, { ...at, value, metadata: JSON.stringify(metadata), expiration }),
      writeBytes: async (key, bytes) => values.update(key, { ...at, value: await toFile(bytes) }),
      readText: async key => (await values.get(key, at)).text(),
      readBytes: async key => Buffer.from(await (await values.get(key, at)).arrayBuffer()),
      list: async () => (await collect(keys.list(namespace, account))).map(({ name, ...rest }) => ({ name, ...rest })),
      delete: key => values.delete(key, at),
    };
  },

  wrangler: ({ wrangler, namespace }) => {
    const key = (...argv: string[]) => wrangler.output('kv', 'key', ...argv, ...on(namespace));
    return {
      writeText: (name, text, { metadata, expiration }) =>
        key('put', name, text, '--metadata', JSON.stringify(metadata), '--expiration', String(expiration)),
      writeBytes: async (name, bytes) => key('put', name, '--path', await wrangler.file('bytes', bytes)),
      readText: name => key('get', name),
      readBytes: name => wrangler.bytes('kv', 'key', 'get', name, ...on(namespace)),
      list: async () => JSON.parse(await key('list')),
      delete: name => key('delete', name),
    };
  },

  curl: ({ freehold, namespace, wrangler: { directory } }) => {
    const base = `${freehold.url}/client/v4/accounts/${ACCOUNT}/storage/kv/namespaces/${namespace}`;
    const curl = async (path: string, ...argv: string[]) => {
      const options = ['--silent', '--show-error', '--fail', '--header', `Authorization: Bearer ${TOKEN}`, ...argv];
      return (await promisify(execFile)('curl', [...options, base + path], { encoding: 'buffer' })).stdout;
    };
    const value = (key: string, ...argv: string[]) => curl(`/values/${encodeURIComponent(key)}`, ...argv);
    return {
      writeText: (key, text, { metadata, expiration }) => {
        const form = ['--form-string', `value=${text}`, '--form-string', `metadata=${JSON.stringify(metadata)}`];
        return curl(`/values/${encodeURIComponent(key)}?expiration=${expiration}`, '--request', 'PUT', ...form);
      },
      writeBytes: async (key, bytes) => {
        const file = join(directory, 'bytes-for-curl');
        await writeFile(file, bytes);
        return value(key, '--request', 'PUT', '--data-binary', `@${file}`);
      },
      readText: async key => String(await value(key)),
      readBytes: key => value(key),
      list: async () => JSON.parse(String(await curl('/keys'))).result,
      delete: key => value(key, '--request', 'DELETE'),
    };
  },
} as const satisfies Record<string, (programs: Programs) => FullParticipant>;

export const PARTICIPANTS = {
  ...FULL_PARTICIPANTS,
  unstorage: ({ freehold, namespace }) => {
    const driver = { apiURL: freehold.url, accountId: ACCOUNT, namespaceId: namespace, apiToken: TOKEN };
    const storage = createStorage({ driver: cloudflareKvHttp(driver) });
    return {
      writeText: (key, text) => storage.setItem(key, text),
      readText: key => storage.getItem(key),
      delete: key => storage.removeItem(key),
    };
  },
} as const satisfies Record<string, (programs: Programs) => Participant>;
