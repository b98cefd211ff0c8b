/** Entry of the writer's thread. Whatever it throws ends the thread, and so the engine's ability to write. */
import { type MessagePort, parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { Checkpointer } from './checkpoint.ts';
import { countCommit } from './commit-count.ts';
import { openForWriting } from './connection.ts';
import { SQLITE } from './constants.ts';
import { DiskFloor, readDiskSpace } from './disk.ts';
import { messageOf } from './failure.ts';
import { WriterFigures } from './figures.ts';
import { LogCopier } from './log-copier.ts';
import { Maintenance } from './maintenance.ts';
import type { Outcome, WriterCommand, WriterOptions, WriterReply } from './messages.ts';
import { databaseFile } from './schema.ts';
import { Writer } from './writer.ts';
import { WriterLoop } from './writer-loop.ts';

/** `main` is that of the thread that has started this one; when it says so, all ends. */
function start(
  main: MessagePort,
  { directory, diskFreeBytesMin, commits, figures: slots, ports }: WriterOptions,
): void {
  const clients = [main, ...ports];
  const file = databaseFile(directory);
  const database = openForWriting(file);
  const figures = new WriterFigures(slots);
  const isHeld = () => figures.logIsHeld;
  const checkpointer = new Checkpointer({ database, copier: new LogCopier(file), isHeld });
  // What lies in the log only has yet to find its place in the database: that space is not free.
  const diskFloor = new DiskFloor(
    diskFreeBytesMin,
    () => readDiskSpace(directory).freeBytes - checkpointer.uncopiedBytes,
  );
  const loop = new WriterLoop({
    writer: new Writer(database, diskFloor),
    maintenance: new Maintenance(database, { onSwept: pairs => figures.swept(pairs) }),
    checkpointer,
    figures,
    receive: () => receive(clients),
    reply: reply => {
      countCommit(commits);
      if (ports.length === 0) post(main, reply);
      else answer(clients, reply.outcomes);
    },
  });
  for (const client of clients) {
    client.on('message', (command: WriterCommand) => {
      namingErrors(() => {
        if (!loop.run(command)) return;
        checkpointer.close();
        database.close();
        for (const each of clients) each.close();
      });
    });
    post(client, { kind: 'ready' });
  }
}

/** The next command that waits, whoever sent it. */
function receive(clients: readonly MessagePort[]): WriterCommand | undefined {
  for (const client of clients) {
    const received: { message: WriterCommand } | undefined = receiveMessageOnPort(client);
    if (received !== undefined) return received.message;
  }
  return undefined;
}

/** Gives each client the outcomes of its own requests, all at once. */
function answer(clients: readonly MessagePort[], outcomes: readonly Outcome[]): void {
  const byClient = Map.groupBy(outcomes, ({ number }) => Math.floor(number / SQLITE.numbersPerThread));
  for (const [index, own] of byClient) {
    const client = clients[index];
    if (client !== undefined) post(client, { kind: 'outcomes', outcomes: own });
  }
}

function post(client: MessagePort, reply: WriterReply): void {
  client.postMessage(reply);
}

/** The code of an SQLite error does not survive the way out of the thread, but its message does. */
function namingErrors(act: () => void): void {
  try {
    act();
  } catch (error) {
    throw new Error(messageOf(error), { cause: error });
  }
}

if (parentPort === null) throw new Error('this module runs in a worker thread only');
const port = parentPort;
port.once('message', (options: WriterOptions) => start(port, options));
