/** How the body of a request may be compressed, by RFC 9110 and RFC 8878. */
import type { Transform } from 'node:stream';
import { kvError } from '../kv/errors.ts';
import { LIMITS } from '../kv/limits.ts';

/** Turns compressed bytes into those that were meant. */
type Decoder = Transform & {
  /** Of the compressed bytes, how many were of use; what follows the end of the stream is not. */
  readonly bytesWritten: number;
};

export interface ContentCoding {
  readonly name: string;
  /** What a decoder may take of memory for itself, because the sender says so. */
  readonly windowBytes: number;
  readonly open: () => Decoder;
}

const CHUNK = { chunkSize: LIMITS.inflatedChunkBytes };
const DEFLATE_WINDOW_BYTES = 32_768;
const BROTLI_WINDOW_BYTES = 16_777_216;
/** As RFC 9659 has it for content codings; without it a few bytes would have 128 MiB taken. */
const ZSTD_WINDOW_LOG = 23;

const CODINGS: Readonly<Record<string, Omit<ContentCoding, 'name'>>> = {
  gzip: { windowBytes: DEFLATE_WINDOW_BYTES, open: () => zlib().createGunzip(CHUNK) },
  deflate: { windowBytes: DEFLATE_WINDOW_BYTES, open: () => zlib().createInflate(CHUNK) },
  br: { windowBytes: BROTLI_WINDOW_BYTES, open: () => zlib().createBrotliDecompress(CHUNK) },
  // Node 22.14 has none.
  ...('zstd' in process.versions && { zstd: { windowBytes: 2 ** ZSTD_WINDOW_LOG, open: openZstd } }),
};

function openZstd(): Decoder {
  const { constants, createZstdDecompress } = zlib();
  return createZstdDecompress({ ...CHUNK, params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG } });
}

/** Not by `import`, so that a server to which nothing compressed is sent need not load it. */
function zlib(): typeof import('node:zlib') {
  return process.getBuiltinModule('node:zlib');
}

/** Of the header `Accept-Encoding`, by which a refusal says what would have been taken. */
export const ACCEPTED_CODINGS = Object.keys(CODINGS).join(', ');

/**
 * What the header `Content-Encoding` stands for, undefined for a body that is sent as it is. Several codings one upon
 * the other are not taken: nobody sends them but to multiply what a few bytes become.
 * @throws {KvError} `contentEncodingUnsupported`.
 */
export function contentCoding(header: string | undefined): ContentCoding | undefined {
  if (header === undefined) return undefined;
  const name = header
    .trim()
    .toLowerCase()
    .replace(/^x-(?=gzip$)/, '');
  if (name === 'identity') return undefined;
  const coding = Object.hasOwn(CODINGS, name) ? CODINGS[name] : undefined;
  if (coding === undefined)
    throw kvError('contentEncodingUnsupported', { encoding: header, accepted: ACCEPTED_CODINGS });
  return { name, ...coding };
}
