/** A page of keys, as the REST API and the binding both list them. */
import { decodeCursor, encodeCursor } from '../kv/cursors.ts';
import type { KeyListing, KeyPage, NamespaceAddress } from '../kv/engine.ts';
import { KvError, kvError } from '../kv/errors.ts';
import { keyLengthFault } from '../kv/keys.ts';
import type { MetadataForm } from '../kv/listed-keys.ts';
import { mayGoOut, readLater } from './answer-value.ts';
import type { Call } from './call.ts';
import { textParameter } from './query.ts';

export const PAGE_QUERY = {
  prefix: textParameter('Only keys that begin with it.'),
  cursor: textParameter('Goes on after the page that gave it; `prefix` has to be sent again.'),
};

interface ListedPage {
  /** A JSON array of keys, in UTF-8. */
  readonly json: Buffer;
  readonly count: number;
  /** For the next page; absent on the last one. */
  readonly cursor?: string;
}

export async function listPage(
  call: Call,
  namespace: NamespaceAddress,
  limit: number,
  metadataForm: MetadataForm,
): Promise<ListedPage> {
  const prefix = call.query('prefix', PAGE_QUERY.prefix);
  const tooLong = keyLengthFault(prefix);
  if (tooLong !== undefined) throw new KvError([tooLong]);
  const after = decodeCursor(call.query('cursor', PAGE_QUERY.cursor));
  if (after === undefined) throw kvError('cursorInvalid');
  const { json, count, lastKey } = await readPage(call, namespace, { prefix, after, limit, metadataForm });
  return { json, count, ...(lastKey !== undefined && { cursor: encodeCursor(lastKey) }) };
}

async function readPage(call: Call, namespace: NamespaceAddress, asked: KeyPage): Promise<KeyListing> {
  const page = await call.engine.list(namespace, asked);
  if (mayGoOut(call, page.json)) return page;
  return readLater(
    call,
    page.json.length,
    () => call.engine.list(namespace, asked),
    ({ json }) => json,
  );
}
