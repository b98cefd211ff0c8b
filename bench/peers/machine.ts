/** The floors of the machine: writing the bytes of a bulk to the disk for good, and receiving them by HTTP. */
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { bodyOf, type Workload } from '../workloads.ts';
import { servePeer, type Task, tasks, timed } from './serve.ts';

const [directory = '.'] = process.argv.slice(2);

// The same in every round: only how many bytes there are matters here.
const bodies = new Map<Workload, Buffer>();

const write: Task = workload => {
  const body = bodies.get(workload) ?? bodyOf(workload, 0);
  bodies.set(workload, body);
  return { ms: writeDurably(body) };
};

function writeDurably(bytes: Buffer): number {
  const file = join(directory, 'bytes');
  const descriptor = openSync(file, 'w');
  try {
    return timed(() => {
      for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
      fdatasyncSync(descriptor);
    });
  } finally {
    closeSync(descriptor);
    rmSync(file);
  }
}

servePeer(
  tasks({ write }, (request, response) => {
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    request.once('end', () => response.end(JSON.stringify({ bytes })));
  }),
);
