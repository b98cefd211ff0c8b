/** Where a server listens, as an operator writes it: `host:port`, or `unix:` and a path. */
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

export type ListenAddress = TcpAddress | UnixAddress;

/** Undefined where one of them is no address. */
export function parseListenAddresses(text: string): readonly ListenAddress[] | undefined {
  const addresses = text.split(',').map(part => parseListenAddress(part.trim()));
  return addresses.every(address => address !== undefined) ? addresses : undefined;
}

const UNIX = /^unix:(.+)$/;
const TCP = /^(.+):(\d+)$/;

function parseListenAddress(text: string): ListenAddress | undefined {
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
