/** For tests: a TCP connection on which bytes are sent as they are, and answers read one after the other. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  /** Status line and headers. */
  readonly head: string;
  readonly body: string;
}

export class RawConnection {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  #waiting: (() => void) | undefined;
  #ended = false;
  /** Fulfilled when the connection is closed, by whichever side. */
  readonly closed: Promise<unknown>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    socket.on('data', chunk => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#waiting?.();
    });
    // What was sent to a server that has closed the connection.
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#ended = true;
      this.#waiting?.();
      resolve();
    });
  }

  static async open(port: number): Promise<RawConnection> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  /** Resolves when the system has taken the bytes, or the connection is closed. */
  async send(bytes: string | Uint8Array): Promise<void> {
    const data = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    if (this.#ended) return;
    if (this.#socket.write(data)) return;
    await Promise.race([new Promise(resolve => this.#socket.once('drain', resolve)), this.closed]);
  }

  /** The next answer. Rejects where the connection ends before it is whole. */
  async answer(): Promise<RawAnswer> {
    const head = (await this.#take(await this.#indexOf('\r\n\r\n'))).toString('latin1');
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
    const body = (await this.#take(length)).toString();
    return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]), head, body };
  }

  /** Resolves when the first bytes of the next answer have come. */
  async began(): Promise<void> {
    await this.#indexOf('HTTP/1.1 ');
  }

  /** All that comes up to the end of a text, as Latin-1. */
  async textUntil(text: string): Promise<string> {
    return (await this.#take(await this.#indexOf(text))).toString('latin1');
  }

  /** Reads nothing more. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.end();
  }

  /** Without a goodbye. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  get isOpen(): boolean {
    return !this.#ended;
  }

  async #indexOf(text: string): Promise<number> {
    for (;;) {
      const index = this.#received.indexOf(text);
      if (index >= 0) return index + text.length;
      await this.#more();
    }
  }

  async #take(bytes: number): Promise<Buffer> {
    while (this.#received.length < bytes) await this.#more();
    const taken = this.#received.subarray(0, bytes);
    this.#received = this.#received.subarray(bytes);
    return taken;
  }

  async #more(): Promise<void> {
    if (this.#ended) throw new Error(`connection closed after ${JSON.stringify(this.#received.toString())}`);
    await new Promise<void>(resolve => {
      this.#waiting = resolve;
    });
  }
}
