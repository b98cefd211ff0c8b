/** Everything that is measured, in the order in which it is. */
import type { Suite } from './bench.ts';
import { bulk } from './suites/bulk.ts';
import { bulkDelete } from './suites/bulk-delete.ts';
import { bulkGet } from './suites/bulk-get.ts';
import { disk } from './suites/disk.ts';
import { gets } from './suites/gets.ts';
import { growth } from './suites/growth.ts';
import { list } from './suites/list.ts';
import { localExplorer } from './suites/local-explorer.ts';
import { memory } from './suites/memory.ts';
import { mixed } from './suites/mixed.ts';
import { moves } from './suites/moves.ts';
import { puts } from './suites/puts.ts';
import { start } from './suites/start.ts';

export const SUITES: readonly Suite[] = [
  bulk,
  bulkDelete,
  puts,
  gets,
  list,
  bulkGet,
  mixed,
  memory,
  start,
  disk,
  growth,
  moves,
  localExplorer,
];
