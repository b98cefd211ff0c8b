/** For tests: a proxy that does not pass on every call as it came. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Mischief =
  /** The answer, which the server knows nothing of. */
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** What the server answers is cut off. */
  | { readonly cutAfterBytes: number };

/** What becomes of a call; undefined for nothing. */
export type Choice = (path: string, method: string) => Mischief | undefined;

export class UnrulyProxy {
  readonly url: string;
  /** Method and path of every call. */
  readonly calls: string[] = [];
  readonly #server: Server;
  readonly #target: string;
  readonly #choose: Choice;

  private constructor(server: Server, target: string, choose: Choice) {
    this.#server = server;
    this.#target = target;
    this.#choose = choose;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (incoming, outgoing) => this.#handle(incoming, outgoing));
  }

  static async start(target: string, choose: Choice = () => undefined): Promise<UnrulyProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new UnrulyProxy(server, target, choose);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #handle(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { pathname } = new URL(incoming.url ?? '', this.#target);
    const { method = 'GET' } = incoming;
    this.calls.push(`${method} ${pathname}`);
    const mischief = this.#choose(pathname, method);
    if (mischief !== undefined && 'status' in mischief) {
      const { status, headers = {}, body = '{"success":false,"errors":[{"code":971,"message":"wait"}]}' } = mischief;
      incoming.resume().on('end', () => outgoing.writeHead(status, headers).end(body));
    } else {
      this.#forward(incoming, outgoing, mischief?.cutAfterBytes ?? Number.POSITIVE_INFINITY);
    }
  }

  #forward(incoming: IncomingMessage, outgoing: ServerResponse, bytesMax: number): void {
    const { method, headers } = incoming;
    const forward = request(new URL(incoming.url ?? '', this.#target), { method, headers }, answer => {
      let bytes = 0;
      if (bytesMax === 0) outgoing.destroy();
      else outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on('data', piece => {
        bytes += piece.length;
        if (bytes < bytesMax) outgoing.write(piece);
        else outgoing.destroy();
      });
      answer.on('end', () => outgoing.end());
      answer.on('error', () => outgoing.destroy());
    });
    forward.on('error', () => outgoing.destroy());
    incoming.on('error', () => forward.destroy()).pipe(forward);
  }
}
