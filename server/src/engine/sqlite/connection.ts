/** Connections to the database, every setting on which durability or speed hangs made explicit. */
import Database from 'better-sqlite3';
import { SQLITE } from './constants.ts';

/** A connection that writes, of which there is one at any time; or copies the log, of which there may be another. */
export function openForWriting(file: string): Database.Database {
  const database = new Database(file, { fileMustExist: true, timeout: SQLITE.busyMs });
  try {
    database.pragma('journal_mode = WAL');
    // The package's own default is NORMAL, under which a power cut may take back what was acknowledged.
    database.pragma('synchronous = FULL');
    // Elsewhere than on macOS these two change nothing: there fsync reaches the disk by itself.
    database.pragma('fullfsync = ON');
    database.pragma('checkpoint_fullfsync = ON');
    // The writer checkpoints by itself, after it has answered.
    database.pragma('wal_autocheckpoint = 0');
    database.pragma(`journal_size_limit = ${SQLITE.logKeptBytes}`);
    database.pragma('temp_store = MEMORY');
    database.pragma(`cache_size = -${SQLITE.writerCacheBytes / 1_024}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** A connection that only reads, for the thread that opens it. */
export function openForReading(file: string, cacheBytes: number = SQLITE.readerCacheBytes): Database.Database {
  const database = new Database(file, { readonly: true, fileMustExist: true, timeout: SQLITE.busyMs });
  try {
    database.pragma('query_only = ON');
    database.pragma('temp_store = MEMORY');
    database.pragma(`cache_size = -${cacheBytes / 1_024}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
