/**
 * For tests: does what systemd does for a socket unit and its service. Opens the socket that its first argument names,
 * and starts the command that follows with it, again whenever it has ended in order.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

const [path, ...command] = process.argv.slice(2);
const server = createServer();
server.listen(path === 'port' ? { host: '127.0.0.1', port: 0 } : { path });
await once(server, 'listening');
const { fd } = (server as unknown as { readonly _handle: { readonly fd: number } })._handle;

// While it waits for the command, this process takes no connections: they are left to the server.
for (let status: number | null = 0; status === 0; ) {
  const script = 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"';
  ({ status } = spawnSync('sh', ['-c', script, 'sh', ...command], { stdio: ['ignore', 'inherit', 'inherit', fd] }));
}
process.exit(1);
