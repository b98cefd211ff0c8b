/** A server as a process of its own, whose memory can be looked at, with the patience that a test gives it. */
import { startServer } from '../../server/src/server.ts';
import type { HostileServerOptions } from './hostile-server.fixture.ts';

const { config, times }: HostileServerOptions = JSON.parse(process.argv[2] ?? '');
const { url } = await startServer(config, { times });
process.send?.(url);
process.on('message', () => {
  const { gc } = globalThis;
  gc?.();
  // What the first has found is given back by another thread, which only a second one waits for.
  gc?.();
  const { heapUsed, external } = process.memoryUsage();
  process.send?.((heapUsed + external) / 1e6);
});
process.on('disconnect', () => process.exit());
