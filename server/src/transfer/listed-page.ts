/** Pages of keys as the REST API lists them, with metadata as the text that it is. */
import { ArrivingText } from '../kv/arriving-text.ts';
import { CLOSE_BRACE, CLOSE_BRACKET } from '../kv/ascii.ts';
import { JsonScanner } from '../kv/json-scanner.ts';
import { LIMITS } from '../kv/limits.ts';
import { OperatorError } from '../operator-error.ts';
import { membersOf, parseEnvelope } from '../remote/api-answer.ts';
import type { ApiClient } from '../remote/api-client.ts';
import { namespacePath, type RemoteNamespace } from '../remote/namespaces.ts';
import type { Place } from './move.ts';

export interface KeyOfPage {
  readonly name: string;
  /** Seconds since the Unix epoch. */
  readonly expiration?: number;
  /** JSON text, with every digit of its numbers. */
  readonly metadata?: string;
}

export interface ListedPage {
  readonly keys: readonly KeyOfPage[];
  /** Of the next page; absent on the last one. */
  readonly cursor?: string;
}

/** The page that a cursor stands for; without one the first. Throws an `OperatorError`. */
export async function listPage(
  api: ApiClient,
  namespace: RemoteNamespace,
  cursor: string | undefined,
): Promise<ListedPage> {
  const query = { limit: LIMITS.listKeysMax, cursor };
  const { body } = await api.bytes({ method: 'GET', path: `${namespacePath(namespace)}/keys`, query });
  const page = parsePage(body);
  if (page === undefined) throw new OperatorError(`${api.url} answers a listing of keys with something else`);
  return page;
}

/** How many keys there are, by listing all of them. Throws an `OperatorError`. */
export async function countListed({ api, namespace }: Place): Promise<number> {
  let count = 0;
  for (let cursor: string | undefined; ; ) {
    const page = await listPage(api, namespace, cursor);
    count += page.keys.length;
    if (page.cursor === undefined) return count;
    cursor = page.cursor;
  }
}

/** Undefined where it is no page of keys. */
export function parsePage(body: Buffer): ListedPage | undefined {
  const { success, result, info } = parseEnvelope(body.toString()) ?? {};
  if (success !== true || !Array.isArray(result)) return undefined;
  const metadata = metadataTexts(body);
  const keys = result.map((row, index) => shapeKey(row, metadata[index])).filter(key => key !== undefined);
  if (keys.length !== result.length) return undefined;
  const cursor = info?.['cursor'];
  return { keys, ...(typeof cursor === 'string' && cursor !== '' && { cursor }) };
}

function shapeKey(row: unknown, metadata: string | undefined): KeyOfPage | undefined {
  const { name, expiration } = membersOf(row);
  if (typeof name !== 'string') return undefined;
  return {
    name,
    ...(typeof expiration === 'number' && { expiration }),
    ...(metadata !== undefined && metadata !== 'null' && { metadata }),
  };
}

/** Of each element of `result`; to be asked for JSON alone. */
function metadataTexts(body: Buffer): (string | undefined)[] {
  const text = new ArrivingText(body.length);
  text.append(body);
  text.end();
  const scanner = new JsonScanner(text);
  const texts: (string | undefined)[] = [];
  forMembers(scanner, body, name => {
    if (name !== 'result') return scanner.skipValue();
    scanner.peek();
    for (let more = scanner.enter(CLOSE_BRACKET); more; more = scanner.next(CLOSE_BRACKET)) {
      texts.push(metadataText(scanner, body));
    }
  });
  return texts;
}

function metadataText(scanner: JsonScanner, body: Buffer): string | undefined {
  let text: string | undefined;
  forMembers(scanner, body, name => {
    scanner.peek();
    const start = scanner.position;
    scanner.skipValue();
    if (name === 'metadata') text = body.toString('utf8', start, scanner.position);
  });
  return text;
}

/** Every member of the object that comes next; `take` steps over its value. */
function forMembers(scanner: JsonScanner, body: Buffer, take: (name: string) => void): void {
  scanner.peek();
  for (let more = scanner.enter(CLOSE_BRACE); more; more = scanner.next(CLOSE_BRACE)) {
    scanner.readName();
    take(body.toString('utf8', scanner.nameStart, scanner.nameEnd));
  }
}
