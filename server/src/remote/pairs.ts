/** Pairs of a namespace by the routes that Freehold has beyond Cloudflare's. */

import { membersOf } from './api-answer.ts';
import type { ApiClient } from './api-client.ts';
import { linesOf } from './lines.ts';
import { freeholdPath, type RemoteNamespace } from './namespaces.ts';

/** How many keys begin with the prefix. Throws a `RemoteError`. */
export async function countKeys(api: ApiClient, namespace: RemoteNamespace, prefix?: string): Promise<number> {
  const request = { method: 'GET', path: `${freeholdPath(namespace)}/count`, query: { prefix } } as const;
  const { result } = await api.json(request, answer => {
    const { count } = membersOf(answer);
    return typeof count === 'number' ? count : undefined;
  });
  return result;
}

export interface Selection {
  /** Whole pairs, keys as they are listed, or keys as JSON strings. */
  readonly show: 'pairs' | 'listing' | 'keys';
  readonly prefix?: string | undefined;
  /** Conditions on metadata, all of which have to hold. */
  readonly where?: readonly string[] | undefined;
}

/** A line of JSON each, as of one instant. Throws a `RemoteError`, also where it breaks off. */
export async function exportedLines(
  api: ApiClient,
  namespace: RemoteNamespace,
  { show, prefix, where }: Selection,
): Promise<AsyncGenerator<Buffer>> {
  const path = `${freeholdPath(namespace)}/export`;
  const { body } = await api.send({ method: 'GET', path, query: { show, prefix, where } });
  return linesOf(body);
}

/** The whole pair as a line that `freehold import` takes; undefined where there is none. Throws a `RemoteError`. */
export async function exportedPair(
  api: ApiClient,
  namespace: RemoteNamespace,
  key: string,
): Promise<Buffer | undefined> {
  // Of the keys that begin with it, it is the first.
  for await (const line of await exportedLines(api, namespace, { show: 'pairs', prefix: key })) {
    return membersOf(JSON.parse(line.toString()))['key'] === key ? line : undefined;
  }
  return undefined;
}
