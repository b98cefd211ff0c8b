/** A proxy that ends TLS before a server, as an operator would put one there. */
import { once } from 'node:events';
import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface TlsProxy {
  /** `https://localhost` and a port. */
  readonly url: string;
  /** The Host of every request, in their order. */
  readonly hosts: (string | undefined)[];
}

/** It goes when the test is over. */
export async function openTlsProxy(target: string): Promise<TlsProxy> {
  const hosts: (string | undefined)[] = [];
  const proxy = createServer({ key: KEY, cert: CERTIFICATE }, (incoming, outgoing) => {
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

/** For localhost, signed by itself, good for a hundred years, and secret to nobody. */
export const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUX5426gnuD4fneC7fRLdgPYnbVbEwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzEzMDkxMloYDzIxMjYxMDMw
MTMwOTEyWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARtNSclypanJk7l8Tsl66PCY5+7BHpgRXgBjS7VkxEl4Rww0ri7kCXQ
UxwTbE6twFnTTAdZAOYi6CAI5iWDDbdFo28wbTAdBgNVHQ4EFgQUw9RD9Hkk3ReU
z4mntkKAPEjebckwHwYDVR0jBBgwFoAUw9RD9Hkk3ReUz4mntkKAPEjebckwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIgeIv4/OfJoIqIYXwPgXzbaQEzTIAV3ei79yzdj/gCPBICIQCf
fwQ3I991Un2Si61Qaz0+ArejKyGmDG/x7TtSu0FOnw==
-----END CERTIFICATE-----
`;

const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg3zqBszrIH73Amf4c
5eEjMBw10DTQy1oIr/X4B806p92hRANCAARtNSclypanJk7l8Tsl66PCY5+7BHpg
RXgBjS7VkxEl4Rww0ri7kCXQUxwTbE6twFnTTAdZAOYi6CAI5iWDDbdF
-----END PRIVATE KEY-----
`;
