/** The multipart form of a value: a part `value`, and optionally a part `metadata` with a JSON text. */
import type { Readable } from 'node:stream';
import type { Busboy, BusboyHeaders } from '@fastify/busboy';
import { kvError } from '../kv/errors.ts';
import { LIMITS } from '../kv/limits.ts';

export interface ValueForm {
  readonly value: Buffer;
  readonly metadata?: string;
}

export function isMultipart(contentType: string | undefined): contentType is string {
  return contentType !== undefined && /^multipart\/form-data\b/i.test(contentType);
}

/**
 * The parts of a body, which may come in any order, as fields or as files. Of parts with the same name the first
 * counts; parts with other names, such as `metadata[x]`, are ignored, as Cloudflare does.
 * @throws {KvError} `multipartMalformed` or `multipartValueMissing`.
 */
export async function readValueForm(body: Uint8Array, contentType: string): Promise<ValueForm> {
  const parts = await readParts(body, contentType);
  const value = parts.get('value');
  if (value === undefined) throw kvError('multipartValueMissing');
  const metadata = parts.get('metadata')?.toString();
  return metadata === undefined ? { value } : { value, metadata };
}

/**
 * Not needed to start. To be called soon after, because at the first form it may be too late: when connections have
 * taken all of the files that the process may open, nothing can be loaded any more.
 */
export async function loadFormParser(): Promise<typeof Busboy> {
  return (await import('@fastify/busboy')).Busboy;
}

async function readParts(body: Uint8Array, contentType: string): Promise<Map<string, Buffer>> {
  const Parser = await loadFormParser();
  return new Promise((resolve, reject) => {
    const refuse = (detail: string): void => reject(kvError('multipartMalformed', { detail }));
    const parts = new Map<string, Buffer>();
    const parser = openParser(Parser, contentType, refuse);
    parser?.on('file', (name: string, stream: Readable) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', (error: Error) => refuse(error.message));
      stream.on('end', () => {
        if (!parts.has(name)) parts.set(name, Buffer.concat(chunks));
      });
    });
    parser?.on('partsLimit', () => refuse(`more than ${LIMITS.multipartParts} parts`));
    parser?.on('error', (error: unknown) => refuse(error instanceof Error ? error.message : String(error)));
    parser?.on('finish', () => resolve(parts));
    parser?.end(body);
  });
}

function openParser(
  Parser: typeof Busboy,
  contentType: string,
  refuse: (detail: string) => void,
): InstanceType<typeof Busboy> | undefined {
  try {
    const headers: BusboyHeaders = { 'content-type': contentType };
    // As files, fields are neither decoded nor cut.
    return new Parser({ headers, isPartAFile: () => true, limits: { parts: LIMITS.multipartParts } });
  } catch (error) {
    refuse(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}
