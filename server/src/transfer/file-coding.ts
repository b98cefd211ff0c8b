/** How a file is compressed, by the ending of its name. */
import type { Transform } from 'node:stream';
import zlib from 'node:zlib';
import { OperatorError } from '../operator-error.ts';

type Decoder = Transform & {
  /** Of the compressed bytes, how many were of use. */
  readonly bytesWritten: number;
};

export interface FileCoding {
  /** As in "is not valid gzip". */
  readonly name: string;
  compress(): Transform;
  decompress(): Decoder;
}

const CHUNK_BYTES = 262_144;
/** Windows of 128 MiB, which `zstd --long` makes. */
const ZSTD_WINDOW_LOG_MAX = 27;

const GZIP: FileCoding = {
  name: 'gzip',
  compress: () => zlib.createGzip({ chunkSize: CHUNK_BYTES }),
  decompress: () => zlib.createGunzip({ chunkSize: CHUNK_BYTES }),
};

const ZSTD: FileCoding = {
  name: 'zstd',
  compress: () => zlib.createZstdCompress({ chunkSize: CHUNK_BYTES }),
  decompress: () =>
    zlib.createZstdDecompress({
      chunkSize: CHUNK_BYTES,
      params: { [zlib.constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG_MAX },
    }),
};

/** Undefined for a file that is not compressed. Throws an `OperatorError` where this Node cannot do it. */
export function fileCoding(path: string, versions: NodeJS.ProcessVersions = process.versions): FileCoding | undefined {
  if (path.endsWith('.gz')) return GZIP;
  if (!path.endsWith('.zst')) return undefined;
  if ('zstd' in versions) return ZSTD;
  throw new OperatorError(
    `${path}: Node ${versions.node} has no zstd, 22.15 or newer has; pipe through the zstd command`,
  );
}
