/** `freehold kv put`. */
import { createReadStream } from 'node:fs';
import type { KvPutConfig } from '../../config/kv.ts';
import { LIMITS } from '../../kv/limits.ts';
import { OperatorError, usageError } from '../../operator-error.ts';
import type { ApiRequest } from '../../remote/api-client.ts';
import { freeholdPath } from '../../remote/namespaces.ts';
import { shown } from '../../shown.ts';
import { writeResult } from '../../standard-output.ts';
import { onNamespace, valuePath, type Work } from './on-namespace.ts';

export async function put(config: KvPutConfig): Promise<void> {
  const { key, value = { file: PIPE }, keep, json } = config;
  if (config.value === undefined && process.stdin.isTTY) {
    throw usageError('kv put needs a VALUE, --from-file or a value in a pipe', 'kv put');
  }
  const bytes = 'text' in value ? Buffer.from(value.text) : await readValue(value.file);
  await onNamespace(config, { readOnly: false }, async work => {
    await work.api.json(
      keep ? keepingRequest(work, key, bytes) : await puttingRequest(work, config, bytes),
      () => true,
    );
    process.stderr.write(`Wrote ${bytes.length} bytes to ${shown(key)}.\n`);
    if (json) await writeResult(`${JSON.stringify({ key, bytes: bytes.length })}\n`);
  });
}

const PIPE = '-';

async function readValue(file: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of file === PIPE ? process.stdin : createReadStream(file)) {
    pieces.push(piece);
    bytes += piece.length;
    // What has no end is not to be read to it.
    if (bytes > LIMITS.valueBytes) throw new OperatorError(`the value has more than ${LIMITS.valueBytes} bytes`);
  }
  return Buffer.concat(pieces);
}

function keepingRequest({ namespace }: Work, key: string, body: Buffer): ApiRequest {
  const path = `${freeholdPath(namespace)}/values/${encodeURIComponent(key)}`;
  return { method: 'PUT', path, query: { keep: true }, body, contentType: 'application/octet-stream' };
}

async function puttingRequest(
  { namespace }: Work,
  { key, ttl, expiration, metadata }: KvPutConfig,
  value: Buffer,
): Promise<ApiRequest> {
  const query = { expiration_ttl: ttl?.toString(), expiration: expiration?.toString() };
  const request = { method: 'PUT', path: valuePath(namespace, key), query } as const;
  if (metadata === undefined) return { ...request, body: value, contentType: 'application/octet-stream' };
  const form = new FormData();
  form.set('value', new Blob([new Uint8Array(value)]));
  form.set('metadata', metadata);
  const encoded = new Response(form);
  const body = Buffer.from(await encoded.arrayBuffer());
  return { ...request, body, contentType: encoded.headers.get('content-type') ?? undefined };
}
