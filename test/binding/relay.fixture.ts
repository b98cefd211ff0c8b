/** Stands between a client and the server, and counts the connections that the client opens. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll } from 'vitest';
import type { Freehold } from '../clients/freehold.fixture.ts';

/** One relay for all tests of a file. */
export function useRelay(freehold: Freehold): Relay {
  const relay = new Relay(freehold);
  beforeAll(() => relay.start());
  afterAll(() => relay.stop());
  return relay;
}

export class Relay {
  /** Since the start. */
  connections = 0;
  readonly #freehold: Freehold;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(freehold: Freehold) {
    this.#freehold = freehold;
    this.#server = createServer({ allowHalfOpen: true }, socket => this.#relay(socket));
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async stop(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  #relay(client: Socket): void {
    this.connections += 1;
    const server = connect({ port: Number(new URL(this.#freehold.url).port), host: '127.0.0.1', allowHalfOpen: true });
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => this.#sockets.delete(from));
    }
  }
}
