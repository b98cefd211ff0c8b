/** The HTTP port of a server: how it is opened, and how it is closed without cutting off an answer. */
import { type AddressInfo, isIPv6, type Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { LIMITS } from './kv/limits.ts';
import { OperatorError } from './operator-error.ts';

const IDLE_SWEEP_MS = 50;

export class Listener {
  readonly #app: FastifyInstance;
  readonly #connections = new Set<Socket>();

  constructor(app: FastifyInstance) {
    this.#app = app;
    app.server.on('connection', (socket: Socket) => {
      this.#connections.add(socket);
      socket.once('close', () => this.#connections.delete(socket));
    });
  }

  /** Answers the URL. Throws an `OperatorError` where the address cannot be had. */
  async listen({ host, port }: { readonly host: string; readonly port: number }): Promise<string> {
    // Fastify would open a second server on ::1 for "localhost", out of reach of an orderly stop.
    const address = host === 'localhost' ? '127.0.0.1' : host;
    const name = isIPv6(address) ? `[${address}]` : address;
    try {
      await this.#app.listen({ host: address, port });
    } catch (error) {
      throw cannotListen(`${name}:${port}`, error);
    }
    return `http://${name}:${(this.#app.server.address() as AddressInfo).port}`;
  }

  /**
   * Stops accepting. Idle connections are closed at once, busy ones when they were answered, and those that are left
   * after `LIMITS.shutdownMs` regardless.
   */
  async close(): Promise<void> {
    const closed = this.#app.close();
    this.#closeIdle();
    const sweep = setInterval(() => this.#closeIdle(), IDLE_SWEEP_MS);
    const deadline = setTimeout(() => this.#app.server.closeAllConnections(), LIMITS.shutdownMs);
    try {
      await closed;
    } finally {
      clearInterval(sweep);
      clearTimeout(deadline);
    }
  }

  #closeIdle(): void {
    this.#app.server.closeIdleConnections();
    // Node takes a connection that has never sent anything for a busy one.
    for (const socket of this.#connections) if (socket.bytesRead === 0) socket.destroy();
  }
}

const ADVICE: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another server already listens there; stop it, or choose another port with --port',
  EACCES: 'permission denied; choose a port from 1024 up with --port',
  EADDRNOTAVAIL: 'this machine has no such address; choose another with --host',
  ENOTFOUND: 'there is no such host name; choose another with --host',
};

function cannotListen(address: string, error: unknown): unknown {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return error;
  return new OperatorError(`cannot listen on ${address}: ${ADVICE[code] ?? message}`, { cause: error });
}
