/** Entry of the writer's thread. Whatever it throws ends the thread, and so the engine's ability to write. */
import { type MessagePort, parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { Checkpointer } from './checkpoint.ts';
import { countCommit } from './commit-count.ts';
import { openForWriting } from './connection.ts';
import { DiskFloor, readDiskSpace } from './disk.ts';
import { messageOf } from './failure.ts';
import { Maintenance } from './maintenance.ts';
import type { WriterCommand, WriterOptions, WriterReply } from './messages.ts';
import { databaseFile } from './schema.ts';
import { Writer } from './writer.ts';
import { WriterLoop } from './writer-loop.ts';

function start(port: MessagePort, { directory, diskFreeBytesMin, commits }: WriterOptions): void {
  const database = openForWriting(databaseFile(directory));
  const checkpointer = new Checkpointer(database);
  const reply = (message: WriterReply) => {
    countCommit(commits);
    port.postMessage(message);
  };
  // What lies in the log only has yet to find its place in the database: that space is not free.
  const diskFloor = new DiskFloor(
    diskFreeBytesMin,
    () => readDiskSpace(directory).freeBytes - checkpointer.uncopiedBytes,
  );
  const loop = new WriterLoop({
    writer: new Writer(database, diskFloor),
    maintenance: new Maintenance(database),
    checkpointer,
    receive: () => receiveMessageOnPort(port)?.message,
    reply,
  });
  port.on('message', (command: WriterCommand) => {
    if (!run(loop, command)) return;
    checkpointer.truncate();
    database.close();
    port.close();
  });
  reply({ kind: 'ready' });
}

/** The code of an SQLite error does not survive the way out of the thread, but its message does. */
function run(loop: WriterLoop, command: WriterCommand): boolean {
  try {
    return loop.run(command);
  } catch (error) {
    throw new Error(messageOf(error), { cause: error });
  }
}

if (parentPort === null) throw new Error('this module runs in a worker thread only');
const port = parentPort;
port.once('message', (options: WriterOptions) => start(port, options));
