/** Where a server listens, as an operator writes it: `host:port`, `unix:` and a path, or `systemd`. */
import { isIP } from 'node:net';

export interface TcpAddress {
  /** Without brackets. */
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
}

interface UnixAddress {
  /** Of the socket; may be relative. */
  readonly path: string;
}

/** A socket that listens already, opened by whoever started the process. */
export interface InheritedAddress {
  readonly descriptor: number;
}

export type ListenAddress = TcpAddress | UnixAddress | InheritedAddress;

/** Stands for all the sockets that the service manager has passed. */
export const SYSTEMD = 'systemd';

/** Undefined where one of them is no address. */
export function parseListenAddresses(text: string): readonly (ListenAddress | typeof SYSTEMD)[] | undefined {
  const addresses = text.split(',').map(part => parseListenAddress(part.trim()));
  return addresses.every(address => address !== undefined) ? addresses : undefined;
}

const UNIX = /^unix:(.+)$/;
const TCP = /^(.+):(\d+)$/;

function parseListenAddress(text: string): ListenAddress | typeof SYSTEMD | undefined {
  if (text === SYSTEMD) return SYSTEMD;
  const path = UNIX.exec(text)?.[1];
  if (path !== undefined) return { path };
  const [, name = '', digits = ''] = TCP.exec(text) ?? [];
  // Without brackets, the last group of an IPv6 address would pass for the port.
  const host = name.includes(':') && !BRACKETS.test(name) ? undefined : parseHost(name);
  const port = parsePort(digits);
  return host === undefined || port === undefined ? undefined : { host, port };
}

const HOST_NAME = /^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?$/i;
const BRACKETS = /^\[(.*)\]$/;

/** An IPv6 address may have brackets. */
export function parseHost(text: string): string | undefined {
  const host = text.replace(BRACKETS, '$1');
  return isIP(host) !== 0 || HOST_NAME.test(text) ? host : undefined;
}

export function parsePort(text: string): number | undefined {
  const port = Number(text);
  return /^\d{1,5}$/.test(text) && port <= 65_535 ? port : undefined;
}

const LOOPBACK = /^(127\.[\d.]+|::1|localhost)$/;

/** Whether only this machine reaches the host; `localhost` is listened on as 127.0.0.1. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}
