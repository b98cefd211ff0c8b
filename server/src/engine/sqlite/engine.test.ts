import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeEngine } from '../conformance.ts';
import { openSqliteEngine } from './engine.ts';

describeEngine('the SQLite engine', {
  createStorage: () => mkdtemp(join(tmpdir(), 'freehold-')),
  removeStorage: directory => rm(directory, { recursive: true }),
  openEngine: ({ storage, clock }) =>
    openSqliteEngine({
      directory: storage,
      clock,
      onFatal: error => {
        throw error;
      },
    }),
});
