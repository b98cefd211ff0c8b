/** Where a data directory's admin socket lies, under a path short enough for the system. */
import { closeSync, constants, openSync } from 'node:fs';
import { join, relative } from 'node:path';

const NAME = 'admin.sock';
/** What `sockaddr_un` holds on macOS; Linux holds four more. */
const PATH_BYTES_MAX = 103;

export interface SocketPath {
  readonly path: string;
  /** To be called when the socket is no longer needed; the path is void from then on. */
  release(): void;
}

/** Undefined where every path to the socket is too long. */
export function socketPath(dataDirectory: string): SocketPath | undefined {
  const absolute = join(dataDirectory, NAME);
  if (fits(absolute)) return { path: absolute, release: () => {} };
  if (process.platform === 'linux') return throughDescriptor(dataDirectory);
  const short = relative(process.cwd(), absolute);
  return fits(short) ? { path: short, release: () => {} } : undefined;
}

function throughDescriptor(directory: string): SocketPath {
  const descriptor = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  let open = true;
  const release = () => {
    if (open) closeSync(descriptor);
    open = false;
  };
  return { path: `/proc/self/fd/${descriptor}/${NAME}`, release };
}

function fits(path: string): boolean {
  return Buffer.byteLength(path) <= PATH_BYTES_MAX;
}
