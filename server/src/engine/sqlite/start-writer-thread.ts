/** Starts the writer's thread; apart from all else of the engine, so that it can be begun before that is loaded. */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

/**
 * From source as from compiled code. It loads its code and waits for a `WriterClient`; until then it
 * does not keep the process alive.
 */
export function startWriterThread(): Worker {
  const entry = new URL(`./writer-thread${extname(import.meta.url)}`, import.meta.url);
  const worker = new Worker(entry, { name: 'freehold-writer' });
  worker.unref();
  return worker;
}
