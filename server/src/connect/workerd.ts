/** workerd: a whole configuration, with the namespace as a KV binding of one Worker. */
import { bindingName } from './binding-name.ts';
import { capnpString } from './quote.ts';
import type { Connection, Recipe } from './recipe.ts';
import { socketPathOf } from './url.ts';

export const workerd: Recipe = {
  tokenScope: 'namespace',
  urlFault,
  text,
  advice: 'Save it as config.capnp beside your Worker, worker.js, and run: workerd serve config.capnp',
};

/** A KV binding's requests go to the root of a server, and no setting moves them. */
function urlFault(url: string): string | undefined {
  if (socketPathOf(url) !== undefined || new URL(url).pathname === '/') return undefined;
  return 'cannot use a URL with a path';
}

function text(connection: Connection): string {
  const binding = bindingName(connection.namespace.title);
  const service = capnpString(`kv-${binding.toLowerCase().replaceAll('_', '-')}`);
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = ${service}, external = .namespace),
  ],
  sockets = [(name = "http", address = "127.0.0.1:8080", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2026-01-01",
  bindings = [(name = ${capnpString(binding)}, kvNamespace = ${service})],
);

const namespace :Workerd.ExternalServer = (
${server(connection)});
`;
}

interface Header {
  readonly name: string;
  readonly value: string;
}

function server({ url, token, account, namespace }: Connection): string {
  const headers = [
    { name: 'Authorization', value: `Bearer ${token}` },
    { name: 'Freehold-Namespace', value: namespace.id },
    { name: 'Freehold-Account', value: account },
  ];
  const socket = socketPathOf(url);
  if (socket !== undefined) return plainServer(`unix:${socket}`, headers);
  const { protocol, host, hostname, port } = new URL(url);
  if (protocol === 'http:') return plainServer(`${hostname}:${port || 80}`, headers);
  // What ends TLS may tell servers apart by their names, and workerd would say fake-host.
  const named = [{ name: 'Host', value: host }, ...headers];
  return tlsServer(`${hostname}:${port || 443}`, hostname, named);
}

function plainServer(address: string, headers: readonly Header[]): string {
  return `  address = ${capnpString(address)},
  http = (injectRequestHeaders = [
${lines(headers, '    ')}  ]),
`;
}

function tlsServer(address: string, certificateHost: string, headers: readonly Header[]): string {
  return `  address = ${capnpString(address)},
  https = (
    options = (injectRequestHeaders = [
${lines(headers, '      ')}    ]),
    tlsOptions = (trustBrowserCas = true),
    certificateHost = ${capnpString(certificateHost)},
  ),
`;
}

function lines(headers: readonly Header[], indent: string): string {
  return headers
    .map(({ name, value }) => `${indent}(name = ${capnpString(name)}, value = ${capnpString(value)}),\n`)
    .join('');
}
