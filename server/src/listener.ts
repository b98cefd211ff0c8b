/** Where a server listens: how its sockets are opened, and how they are closed without cutting off an answer. */
import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import { type AddressInfo, createServer, isIPv6, type Server, type Socket } from 'node:net';
import { resolve } from 'node:path';
import { LIMITS } from './kv/limits.ts';
import type { ListenAddress, TcpAddress } from './listen-address.ts';
import { OperatorError } from './operator-error.ts';
import { listenOnSocket } from './unix-socket.ts';

const IDLE_SWEEP_MS = 50;

/** Who listens on the ports: this listener alone, or as the first or a further one of several threads. */
export type Sharing = 'alone' | 'first' | 'further';

export class Listener {
  readonly #app: HttpServer;
  /** Those of the addresses after the first. They hand their connections to the app, which holds all alike. */
  readonly #others: Server[] = [];
  readonly #connections = new Set<Socket>();
  #urls: readonly string[] = [];
  #ports: readonly TcpAddress[] = [];

  constructor(app: HttpServer) {
    this.#app = app;
    app.on('connection', (socket: Socket) => {
      this.#connections.add(socket);
      socket.once('close', () => this.#connections.delete(socket));
    });
  }

  /** `http://host:port`, or `unix:` and an absolute path, for every address in its order; none before all are open. */
  get urls(): readonly string[] {
    return this.#urls;
  }

  /** Those of the addresses that have ports, as they came to be: numeric, and with the port that was free. */
  get ports(): readonly TcpAddress[] {
    return this.#ports;
  }

  /** Throws an `OperatorError` where one of the addresses cannot be had; those before it then stay open until `close`. */
  async listen(addresses: readonly ListenAddress[], sharing: Sharing = 'alone'): Promise<void> {
    const opened: Opened[] = [];
    for (const [index, address] of addresses.entries()) {
      opened.push(await open(index === 0 ? this.#app : this.#addOther(), address, sharing));
    }
    this.#urls = opened.map(({ url }) => url);
    this.#ports = opened.flatMap(({ port }) => port ?? []);
  }

  #addOther(): Server {
    // As http.Server opens its own.
    const other = createServer({ allowHalfOpen: true, noDelay: true }, socket => {
      this.#app.emit('connection', socket);
    });
    this.#others.push(other);
    return other;
  }

  /**
   * Stops accepting. Idle connections are closed at once, busy ones when they were answered, and those that are left
   * after `LIMITS.shutdownMs` regardless.
   */
  async close(): Promise<void> {
    const closed = Promise.all([this.#app, ...this.#others].map(closeServer));
    this.#closeIdle();
    const sweep = setInterval(() => this.#closeIdle(), IDLE_SWEEP_MS);
    const deadline = setTimeout(() => this.#app.closeAllConnections(), LIMITS.shutdownMs);
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
}

interface Opened {
  readonly url: string;
  readonly port?: TcpAddress;
}

async function open(server: Server, address: ListenAddress, sharing: Sharing): Promise<Opened> {
  if ('port' in address) return openPort(server, address, sharing);
  const path = resolve(address.path);
  await listenOnSocket(server, path);
  return { url: `unix:${path}` };
}

async function openPort(server: Server, { host, port }: TcpAddress, sharing: Sharing): Promise<Opened> {
  // What Node makes of "localhost", 127.0.0.1 or ::1, is the machine's matter.
  const address = host === 'localhost' ? '127.0.0.1' : host;
  const name = isIPv6(address) ? `[${address}]` : address;
  try {
    const free = sharing === 'first' ? await findFree(address, port) : port;
    const { address: opened, port: found } = await bind(server, address, free, sharing !== 'alone');
    return { url: `http://${name}:${found}`, port: { host: opened, port: found } };
  } catch (error) {
    throw cannotListen(`${name}:${port}`, error);
  }
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
function closeServer(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve());
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
