/** Where a server listens: how its sockets are opened, and how they are closed without cutting off an answer. */
import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import { type AddressInfo, createServer, isIPv6, Server, type Socket } from 'node:net';
import { resolve } from 'node:path';
import { pathOfInherited } from './inherited-sockets.ts';
import { LIMITS } from './kv/limits.ts';
import type { InheritedAddress, ListenAddress, TcpAddress } from './listen-address.ts';
import { OperatorError } from './operator-error.ts';
import { listenOnSocket } from './unix-socket.ts';

const IDLE_SWEEP_MS = 50;

/** Who listens on the ports: this listener alone, or as the first or a further one of several threads. */
export type Sharing = 'alone' | 'first' | 'further';

export class Listener {
  readonly #app: HttpServer;
  /** What the app calls a connection on which HTTP is spoken: with TLS, that is another one within the connection. */
  readonly #httpEvent: 'connection' | 'secureConnection';
  /** Those of the addresses that the app does not listen on. They hand it their connections, so that it holds all alike. */
  readonly #others: Server[] = [];
  /** With TLS, those within others too. */
  readonly #connections = new Set<Socket>();
  #urls: readonly string[] = [];
  #ports: readonly TcpAddress[] = [];
  /** Whether sockets of the server outlive it, for the next one to take over. */
  #handsOver = false;

  constructor(app: HttpServer) {
    this.#app = app;
    this.#httpEvent = isSecure(app) ? 'secureConnection' : 'connection';
    for (const event of new Set(['connection', this.#httpEvent])) {
      app.on(event, (socket: Socket) => {
        this.#connections.add(socket);
        socket.once('close', () => this.#connections.delete(socket));
      });
    }
  }

  /**
   * `http://host:port`, or `https:` with TLS, or `unix:` and an absolute path, for every address in its order; none
   * before all are open.
   */
  get urls(): readonly string[] {
    return this.#urls;
  }

  /** Those of the addresses that have ports, as they came to be: numeric, and with the port that was free. */
  get ports(): readonly TcpAddress[] {
    return this.#ports;
  }

  /** Throws an `OperatorError` where one of the addresses cannot be had; those before it then stay open until `close`. */
  async listen(addresses: readonly ListenAddress[], sharing: Sharing = 'alone'): Promise<void> {
    this.#handsOver = addresses.some(address => 'descriptor' in address);
    const own = addresses.findIndex(address => !isUnixSocket(address));
    if (own === -1 && isSecure(this.#app)) throw new OperatorError(TLS_WITHOUT_PORT);
    const opened: Opened[] = [];
    for (const [index, address] of addresses.entries()) {
      const server = index === Math.max(own, 0) ? this.#app : this.#addOther(address);
      opened.push(await open(server, address, { sharing, scheme: isSecure(this.#app) ? 'https' : 'http' }));
    }
    this.#urls = opened.map(({ url }) => url);
    this.#ports = opened.flatMap(({ port }) => port ?? []);
  }

  /** A Unix socket does not leave the machine, and is never encrypted. */
  #addOther(address: ListenAddress): Server {
    const event = isUnixSocket(address) ? this.#httpEvent : 'connection';
    // As http.Server opens its own.
    const other = createServer({ allowHalfOpen: true, noDelay: true }, socket => {
      this.#app.emit(event, socket);
    });
    this.#others.push(other);
    return other;
  }

  /**
   * Stops accepting. Idle connections are closed at once, busy ones when they were answered, and those that are left
   * after `LIMITS.shutdownMs` regardless. Where a socket outlives the server, nobody else accepts until it is gone, and
   * idle connections first get `LIMITS.handOverMs`: a request that is on its way is answered, and learns by
   * `Connection: close` to take another connection for the next.
   */
  async close(): Promise<void> {
    // HTTP's own way of closing does not wait for the requests of idle connections.
    const way = this.#handsOver ? Server.prototype.close : undefined;
    const closed = Promise.all([this.#app, ...this.#others].map(server => closeServer(server, way)));
    const sweepFrom = performance.now() + (this.#handsOver ? LIMITS.handOverMs : 0);
    // After the turn in which what has come is read, lest a request be closed away with its connection.
    const closeIdle = (): void => {
      if (performance.now() >= sweepFrom) setImmediate(() => this.#closeIdle());
    };
    closeIdle();
    const sweep = setInterval(closeIdle, IDLE_SWEEP_MS);
    const deadline = setTimeout(() => this.#closeAll(), LIMITS.shutdownMs);
    try {
      await closed;
    } finally {
      clearInterval(sweep);
      clearTimeout(deadline);
    }
  }

  #closeIdle(): void {
    this.#app.closeIdleConnections();
    // Node takes a connection that has never sent anything for a busy one.
    for (const socket of this.#connections) if (socket.bytesRead === 0) socket.destroy();
  }

  #closeAll(): void {
    this.#app.closeAllConnections();
    for (const socket of this.#connections) socket.destroy();
  }
}

const TLS_WITHOUT_PORT =
  '--tls-cert needs a port to listen on: what comes through a Unix socket is not encrypted; add host:port to --listen';

function isSecure(server: Server): boolean {
  return 'setSecureContext' in server;
}

function isUnixSocket(address: ListenAddress): boolean {
  return 'path' in address || ('descriptor' in address && pathOfInherited(address) !== undefined);
}

interface Opened {
  readonly url: string;
  readonly port?: TcpAddress;
}

interface Manner {
  readonly sharing: Sharing;
  readonly scheme: 'http' | 'https';
}

async function open(server: Server, address: ListenAddress, manner: Manner): Promise<Opened> {
  if ('port' in address) return openPort(server, address, manner);
  if ('descriptor' in address) return takeOver(server, address, manner);
  const path = resolve(address.path);
  await listenOnSocket(server, path);
  return { url: `unix:${path}` };
}

async function openPort(server: Server, { host, port }: TcpAddress, { sharing, scheme }: Manner): Promise<Opened> {
  // What Node makes of "localhost", 127.0.0.1 or ::1, is the machine's matter.
  const address = host === 'localhost' ? '127.0.0.1' : host;
  const name = inUrl(address);
  try {
    const free = sharing === 'first' ? await findFree(address, port) : port;
    const { address: opened, port: found } = await bind(server, address, free, sharing !== 'alone');
    return { url: `${scheme}://${name}:${found}`, port: { host: opened, port: found } };
  } catch (error) {
    throw cannotListen(`${name}:${port}`, error);
  }
}

/** Its ports are not among those that further threads take part in. */
async function takeOver(server: Server, inherited: InheritedAddress, { scheme }: Manner): Promise<Opened> {
  const { descriptor } = inherited;
  try {
    const listening = once(server, 'listening');
    server.listen({ fd: descriptor });
    await listening;
  } catch (error) {
    throw cannotListen(`the socket that was passed as descriptor ${descriptor}`, error);
  }
  const path = pathOfInherited(inherited);
  if (path !== undefined) return { url: `unix:${path}` };
  const { address, port } = server.address() as AddressInfo;
  return { url: `${scheme}://${inUrl(address)}:${port}` };
}

function inUrl(address: string): string {
  return isIPv6(address) ? `[${address}]` : address;
}

/**
 * The port, or any free one for 0. Asked by a socket that shares with nobody: one that does would get a part of the
 * connections of another server that listens there. Two servers that start within the same instant may miss each other.
 */
async function findFree(host: string, port: number): Promise<number> {
  const probe = createServer();
  const { port: free } = await bind(probe, host, port, false);
  await closeServer(probe);
  return free;
}

async function bind(server: Server, host: string, port: number, reusePort: boolean): Promise<AddressInfo> {
  const listening = once(server, 'listening');
  server.listen({ host, port, reusePort });
  await listening;
  return server.address() as AddressInfo;
}

/** Resolves also where the server does not listen. */
function closeServer(server: Server, close = server.close): Promise<void> {
  return new Promise(resolve => {
    close.call(server, () => resolve());
  });
}

const ADVICE: Readonly<Record<string, string>> = {
  EADDRINUSE:
    'another server already listens there, or an address before this one, as [::] takes IPv4 too; stop it, or choose another port with --port or --listen',
  EACCES: 'permission denied; choose a port from 1024 up with --port or --listen',
  EADDRNOTAVAIL: 'this machine has no such address; choose another with --host or --listen',
  ENOTSUP: 'on this system several threads cannot listen on one port; leave --threads at 1',
  ENOTFOUND: 'there is no such host name; choose another with --host or --listen',
};

function cannotListen(address: string, error: unknown): unknown {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return error;
  return new OperatorError(`cannot listen on ${address}: ${ADVICE[code] ?? message}`, { cause: error });
}
