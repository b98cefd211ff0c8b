/** Bodies of answers, as the types of `get` want them. */

export type Body = string | ArrayBuffer | ReadableStream<Uint8Array>;

/** Undefined for a type that there is not; the body is then not read. */
export async function readBody(response: Response, type: string): Promise<Body | undefined> {
  if (type === 'text' || type === 'json') return readText(response);
  if (type === 'arrayBuffer') return await response.arrayBuffer();
  if (type === 'stream') return response.body ?? new Blob([]).stream();
  await response.body?.cancel();
  return undefined;
}

/** `response.text()` would lose a byte order mark. */
export async function readText(response: Response): Promise<string> {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(await response.arrayBuffer());
}

/** For an answer of which only the status counts. Read to its end, so that the connection can be used again. */
export async function skipBody(response: Response): Promise<undefined> {
  await response.arrayBuffer().catch(() => undefined);
  return undefined;
}

/** Throws a SyntaxError for `json` that is none. */
export function toTyped(body: Body | undefined, type: string): unknown {
  if (body === undefined) {
    throw new TypeError('Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".');
  }
  return type === 'json' ? JSON.parse(String(body)) : body;
}
