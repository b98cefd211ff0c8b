/** What the peers have in common: each is a program that is told by HTTP what to do. */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { isWorkloadName, WORKLOADS, type Workload } from '../workloads.ts';

/** Longer than a peer waits for its turn. */
const KEEP_ALIVE_MS = 600_000;

/** Listens on a free port of this machine alone, says which, and ends with the process that started it. */
export function servePeer(listener: RequestListener): void {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 }, listener);
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
    process.stdout.write(`http://127.0.0.1:${address.port}\n`);
  });
  process.stdin.once('end', () => process.exit()).resume();
}

/** What a peer is to do with a round of a workload in a namespace; what it answers goes out as JSON. */
export type Task = (workload: Workload, round: number, namespace: number) => object;

/** Listens for `POST /<task>?workload=…&round=…&namespace=…`, and leaves other requests to `listener`. */
export function tasks(table: Readonly<Record<string, Task>>, listener: RequestListener = refuse): RequestListener {
  return (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://peer');
    const task = request.method === 'POST' ? table[pathname.slice(1)] : undefined;
    if (task === undefined) return listener(request, response);
    request.resume();
    const name = searchParams.get('workload');
    if (!isWorkloadName(name)) return refuse(request, response);
    const [round, namespace] = ['round', 'namespace'].map(parameter => Number(searchParams.get(parameter)));
    try {
      response.end(JSON.stringify(task(WORKLOADS[name], round ?? 0, namespace ?? 0)));
    } catch (error) {
      response.writeHead(500).end(error instanceof Error ? error.stack : String(error));
    }
  };
}

function refuse(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(400).end();
}

/** Milliseconds that something takes. */
export function timed(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}
