/** A user's module, which has to compile in every kind of project: `types.test.ts` puts it there. */
import type { KVNamespace } from '@cloudflare/workers-types';
import { type ConnectOptions, connect, type FreeholdNamespace, KvError, UnsuccessfulKeysError } from '@freehold/client';

interface User {
  readonly name: string;
}

/** What only takes a `KVNamespace` takes what `connect` gives. */
export function bind(options: ConnectOptions): { KV: KVNamespace; NARROW: KVNamespace<'a' | 'b'> } {
  return { KV: connect(options), NARROW: connect<'a' | 'b'>(options) };
}

/** Whether two types are one; never true for `any`. */
type Same<One, Other> = [One, Other] extends [Other, One] ? (0 extends 1 & One ? false : true) : false;

export async function readValues(kv: FreeholdNamespace, signal: AbortSignal): Promise<readonly true[]> {
  const text = await kv.get('key');
  const withOptions = await kv.get('key', { cacheTtl: 60, signal });
  const user = await kv.get<User>('key', 'json');
  const bytes = await kv.get('key', { type: 'arrayBuffer' });
  const stream = await kv.get('key', 'stream');
  await new Response(await kv.get('key', 'stream')).text();
  const texts = await kv.get(['key'] as const);
  const users = await kv.get<User>(['key'], { type: 'json', signal });
  const isText: Same<typeof text, string | null> = true;
  const isTextToo: Same<typeof withOptions, string | null> = true;
  const isUser: Same<typeof user, User | null> = true;
  const isBytes: Same<typeof bytes, ArrayBuffer | null> = true;
  const isStream: Same<typeof stream, ReadableStream<Uint8Array> | null> = true;
  const isTexts: Same<typeof texts, Map<string, string | null>> = true;
  const isUsers: Same<typeof users, Map<string, User | null>> = true;
  return [isText, isTextToo, isUser, isBytes, isStream, isTexts, isUsers];
}

export async function readMetadata(kv: FreeholdNamespace): Promise<unknown[]> {
  const { value, metadata } = await kv.getWithMetadata<User>('key');
  const json = await kv.getWithMetadata<User, string>('key', 'json');
  const { value: stream } = await kv.getWithMetadata('key', { type: 'stream' });
  const many = await kv.getWithMetadata<User>(['key'], 'text');
  const names: (string | undefined)[] = [value ?? undefined, metadata?.name, json.value?.name, json.metadata ?? ''];
  return [names, stream?.getReader(), many.get('key')?.metadata?.name];
}

export async function change(kv: FreeholdNamespace, signal: AbortSignal): Promise<readonly string[]> {
  await kv.put('key', new Response('streamed').body ?? 'text', { metadata: { any: ['thing'] }, expirationTtl: 60 });
  await kv.put('key', new Uint8Array(1), { expiration: 2_000_000_000, signal });
  try {
    await kv.putMany([{ key: 'key', value: 'text', metadata: 1 }], { signal });
    await kv.deleteMany(new Set(['key']));
  } catch (error) {
    if (error instanceof UnsuccessfulKeysError) return error.unsuccessfulKeys;
    if (error instanceof KvError && error.status === undefined) throw error.cause;
  }
  const names: string[] = [];
  for await (const { name, metadata } of kv.keys<User>({ prefix: 'k' })) names.push(name, metadata?.name ?? '');
  const page = await kv.list({ limit: 10, cursor: null });
  return page.list_complete ? names : [page.cursor];
}

/** Its own `fetch`, and every option. */
export const kv: FreeholdNamespace = connect({
  url: new URL('https://kv.example.com/prefix/'),
  namespace: '0f2ac74b498b48028cb68387c421e279',
  token: 'token',
  account: undefined,
  fetch: (url, init) => fetch(url, init),
  timeoutMs: 1_000,
  retries: 0,
  signal: new AbortController().signal,
});
