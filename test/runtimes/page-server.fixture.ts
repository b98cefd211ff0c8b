/** Serves a browser its page, tells it where the namespace is, and takes the outcomes that it sends back. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll } from 'vitest';

const ROOT = new URL('../../', import.meta.url);
const SERVED = /^\/(client\/dist|test\/(runtimes|binding))\/[\w-]+\.(html|js)$/;
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' };

/** One for all tests of a file. */
export function usePageServer(): PageServer {
  const pages = new PageServer();
  beforeAll(() => pages.start());
  afterAll(() => pages.stop());
  return pages;
}

export class PageServer {
  readonly #server: Server;
  readonly #outcomes = Promise.withResolvers<string>();
  #options: object = {};

  constructor() {
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch(error => this.#outcomes.reject(error));
    });
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get page(): string {
    return `${this.origin}/test/runtimes/page.html`;
  }

  /** What the page sends when it has run with these options of `connect`. */
  outcomes(options: object): Promise<string> {
    this.#options = options;
    return this.#outcomes.promise;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '' } = request;
    if (url === '/options') {
      response.end(JSON.stringify(this.#options));
    } else if (method === 'POST' && url === '/outcomes') {
      this.#outcomes.resolve(await text(request));
      response.end();
    } else if (SERVED.test(url)) {
      response.setHeader('content-type', TYPES[extname(url)] ?? '');
      response.end(await readFile(new URL(`.${url}`, ROOT)));
    } else {
      response.writeHead(404).end();
    }
  }
}
