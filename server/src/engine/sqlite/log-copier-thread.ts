/** Entry of the thread that copies the log. It has no event loop: it waits to be told, and ends after a long rest. */
import { workerData } from 'node:worker_threads';
import type Database from 'better-sqlite3';
import { crashPoint } from '../crash-point.ts';
import { openForWriting } from './connection.ts';
import { SQLITE } from './constants.ts';
import { messageOf, refusalOf } from './failure.ts';
import {
  COPYING,
  type CopierOptions,
  changeState,
  ENDED,
  ENDING,
  FAILED,
  RESTING,
  STARTING,
  UNABLE,
} from './log-copier.ts';

function run(options: CopierOptions): void {
  const { file, state } = options;
  // Else the copier was closed meanwhile.
  if (!changeState(state, STARTING, COPYING)) return;
  let database: Database.Database;
  try {
    database = openForWriting(file);
  } catch {
    // Such as for want of file descriptors, which is no reason for the writer to end: it can copy by itself.
    changeState(state, COPYING, UNABLE);
    return;
  }
  const failed = !copyWhenTold(database, options);
  database.close();
  if (failed) changeState(state, COPYING, FAILED);
  else changeState(state, ENDING, ENDED);
}

/** Returns false where a copy has failed. */
function copyWhenTold(database: Database.Database, { state, failures }: CopierOptions): boolean {
  const copy = database.prepare('PRAGMA wal_checkpoint(PASSIVE)');
  do {
    try {
      crashPoint('before-checkpoint');
      copy.all();
      crashPoint('after-checkpoint');
    } catch (error) {
      // A full disk stops a copy, and harms nothing: the log stays, and is copied when there is space.
      if (refusalOf(error) === undefined) {
        failures.postMessage(messageOf(error));
        return false;
      }
    }
    changeState(state, COPYING, RESTING);
    Atomics.wait(state, 0, RESTING, SQLITE.copierRestMs);
    // Unless it was told something, if only in the last moment.
    changeState(state, RESTING, ENDING);
  } while (Atomics.load(state, 0) === COPYING);
  return true;
}

run(workerData);
