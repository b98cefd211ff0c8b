/** Sockets that a service manager has opened and passed on, as systemd does: https://0pointer.de/blog/projects/socket-activation.html */
import { readFileSync, readlinkSync } from 'node:fs';
import type { InheritedAddress } from './listen-address.ts';
import { usageError } from './operator-error.ts';

/** After standard input, output and error. */
const FIRST_DESCRIPTOR = 3;

type Environment = Readonly<Record<string, string | undefined>>;

/** Those that were passed to the process of this id. Throws an `OperatorError` where there are none. */
export function inheritedSockets(environment: Environment, processId: number): readonly InheritedAddress[] {
  const { LISTEN_FDS: count, LISTEN_PID: receiver } = environment;
  if (count === undefined || !/^[1-9]\d{0,3}$/.test(count)) {
    throw refused('no sockets were passed; it is for a service that a systemd socket unit belongs to');
  }
  if (receiver !== String(processId)) {
    throw refused('the sockets were passed to another process; start freehold itself, without npx, npm or a shell');
  }
  return Array.from({ length: Number(count) }, (_, index) => ({ descriptor: FIRST_DESCRIPTOR + index }));
}

function refused(reason: string): Error {
  return usageError(`cannot listen on systemd: ${reason}`, 'serve');
}

/** The absolute path of an inherited Unix socket; undefined for other sockets, and where the system does not tell. */
export function pathOfInherited({ descriptor }: InheritedAddress): string | undefined {
  try {
    const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${descriptor}`))?.[1];
    return inode === undefined ? undefined : findPath(readFileSync('/proc/self/net/unix', 'utf8'), inode);
  } catch {
    return undefined;
  }
}

/** A line is made of seven columns, the last of which is the inode, and the path where there is one. */
function findPath(table: string, inode: string): string | undefined {
  return new RegExp(`^(?:\\S+ +){6}${inode} (/.*)$`, 'm').exec(table)?.[1];
}
