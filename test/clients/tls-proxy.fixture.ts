/** A proxy that ends TLS before a server, as an operator would put one there. */
import { once } from 'node:events';
import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { CERTIFICATE } from '../../server/src/certificates.fixture.ts';

export interface TlsProxy {
  /** `https://localhost` and a port. */
  readonly url: string;
  /** The Host of every request, in their order. */
  readonly hosts: (string | undefined)[];
}

/** It goes when the test is over. */
export async function openTlsProxy(target: string): Promise<TlsProxy> {
  const hosts: (string | undefined)[] = [];
  const proxy = createServer(CERTIFICATE, (incoming, outgoing) => {
    const { method, url, headers } = incoming;
    hosts.push(headers.host);
    const forwarded = request(new URL(url ?? '', target), { method, headers }, answer => {
      outgoing.writeHead(answer.statusCode ?? 0, answer.statusMessage, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(forwarded);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  return { url: `https://localhost:${(proxy.address() as AddressInfo).port}`, hosts };
}
