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

export class Listener {
  readonly #app: HttpServer;
  /** Those of the addresses after the first. They hand their connections to the app, which holds all alike. */
  readonly #others: Server[] = [];
  readonly #connections = new Set<Socket>();
  #urls: readonly string[] = [];

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

  /** Throws an `OperatorError` where one of the addresses cannot be had; those before it then stay open until `close`. */
  async listen(addresses: readonly ListenAddress[]): Promise<void> {
    const urls: string[] = [];
    for (const [index, address] of addresses.entries()) {
      urls.push(await open(index === 0 ? this.#app : this.#addOther(), address));
    }
    this.#urls = urls;
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

/** Answers the address's URL. */
async function open(server: Server, address: ListenAddress): Promise<string> {
  if ('port' in address) return openPort(server, address);
  const path = resolve(address.path);
  await listenOnSocket(server, path);
  return `unix:${path}`;
}

async function openPort(server: Server, { host, port }: TcpAddress): Promise<string> {
  // What Node makes of "localhost", 127.0.0.1 or ::1, is the machine's matter.
  const address = host === 'localhost' ? '127.0.0.1' : host;
  const name = isIPv6(address) ? `[${address}]` : address;
  try {
    const listening = once(server, 'listening');
    server.listen({ host: address, port });
    await listening;
  } catch (error) {
    throw cannotListen(`${name}:${port}`, error);
  }
  return `http://${name}:${(server.address() as AddressInfo).port}`;
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
  ENOTFOUND: 'there is no such host name; choose another with --host or --listen',
};

function cannotListen(address: string, error: unknown): unknown {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return error;
  return new OperatorError(`cannot listen on ${address}: ${ADVICE[code] ?? message}`, { cause: error });
}
