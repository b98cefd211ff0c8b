/** Every fixed figure of the SQLite engine in one table, the unit in its name. */
export const SQLITE = {
  /** Marks a database file as Freehold's: the ASCII letters FRHD. */
  applicationId: 0x46_52_48_44,
  /** The layout that this release writes, kept in the file as `user_version`. */
  schemaVersion: 3,

  /** 32 KiB: three values of 10 kB share one, where in 16 KiB each would take a page; larger ones log more for a put. */
  pageBytes: 32_768,
  /** Pages kept in memory by the writer's connection: 16 MiB. A bulk in the order of its keys gains nothing by more. */
  writerCacheBytes: 16_777_216,
  /** Pages kept in memory by a reading connection: 64 MiB. */
  readerCacheBytes: 67_108_864,

  /** Pages kept in memory by the connection of a scan: 16 MiB. */
  scanCacheBytes: 16_777_216,
  /** Work of one step of a scan or a count. */
  scanStepMs: 3,
  /** Bytes of pairs that a scan finds in one step: 1 MiB, and the last of its values. */
  scanStepBytes: 1_048_576,
  /** Pairs that a scan looks for in one step: as many as its last steps let expect to be found in time. */
  scanStepPairsMin: 16,
  scanStepPairsMax: 2_048,
  /** Values up to here a scan reads together: 4 KiB. A longer one is read by itself, so that it is not copied thrice. */
  scanTogetherBytesMax: 4_096,
  /** Keys that are counted in one step, which takes a millisecond. */
  countStepKeys: 8_192,
  /** What may be added to the log while a scan keeps it from beginning anew, past which the scan is ended: 4 GiB. */
  scanLogBytesMax: 4_294_967_296,
  /** The same as a share of the disk space that is free above the floor, if that is less. */
  scanLogFreeShareMax: 0.25,
  /** How often these are looked at: 250 ms. */
  scanCheckMs: 250,
  /** Keys in the way of a write that are named. */
  conflictsNamedMax: 12,

  /** What a reader keeps in memory while nothing is committed; past it all is looked up again. */
  tokensKept: 1_000,
  namespacesKept: 1_000,
  sharedValuesKept: 1_000,
  /** Values up to here are read as text if they are that: 8 KiB. */
  textBytesMax: 8_192,
  /** A longer value is read once for all requests that are being answered with it: 32 KiB. */
  unsharedValueBytesMax: 32_768,

  /** How long a statement waits for a lock that a foreign process holds: 5 s. */
  busyMs: 5_000,
  /** How long emptying the log waits for readers: 50 ms, since it is tried again. */
  truncateBusyMs: 50,
  /** Log from which on its pages are copied into the database: 32 MiB. */
  logCheckpointBytes: 33_554_432,
  /** What the writer copies of it by itself, when the copier has done the most of it: 4 MiB. */
  logRestBytesMax: 4_194_304,
  /** Log from which on writes wait until it is copied: 512 MiB. */
  logBytesMax: 536_870_912,
  /** Log past which the engine is not ready, since something keeps it from being emptied: 1 GiB. */
  logReadyBytesMax: 1_073_741_824,
  /** Size to which the log file is cut back after larger transactions, so that one of 100 MB finds room: 128 MiB. */
  logKeptBytes: 134_217_728,
  /** How long the thread that copies the log waits for the next time before it ends: 10 s. */
  copierRestMs: 10_000,
  /** How long the writer waits for that thread at most: 60 s. */
  copierWaitMs: 60_000,

  /** What a backup copies at once, and after which it rests for as long as that took: 1 MiB. */
  backupStepPages: 32,
  /** It rests no longer than this: 250 ms. */
  backupRestMsMax: 250,
  /** What it may leave to the system to write before it waits for the disk: 8 MiB. */
  backupSyncBytes: 8_388_608,
  /** Log from which on a backup that holds it does not rest any more: 256 MiB. */
  backupHurryLogBytes: 268_435_456,
  /** Pages kept in memory by the connections of a backup: 4 MiB. */
  backupCacheBytes: 4_194_304,
  /** What is read of pairs between two looks at whether to go on: 1 MiB. */
  digestStepBytes: 1_048_576,
  /** Space that a backup leaves free on its disk where the server's floor is none: 16 MiB. */
  backupFreeBytesMin: 16_777_216,
  /** How much better others' work is than a backup's, as nice(1) counts. */
  backupNiceness: 10,

  /** Numbers that a serving thread has for its requests: enough for 22 years at 100,000 a second. */
  numbersPerThread: 2 ** 46,
  /** With so many submissions a resting writer is set to work before the turn of the event loop has ended. */
  submissionsForRestingWriter: 8,
  /** Puts of a turn that are joined weigh less than this together, so that they remain a small write: 64 KiB. */
  joinedPutsBytesMax: 65_536,
  /** A write from here on is a bulk, with a transaction of its own: 1 MiB, or this many puts and deletes. */
  bulkBytesMin: 1_048_576,
  bulkChangesMin: 128,
  /** Pairs of a bulk that share one statement, if they weigh at most 128 KiB: it copies them once more. */
  changesPerStatement: 64,
  statementBytesMax: 131_072,
  /** Small writes that share one transaction: at most 4 MiB, and this many puts and deletes. */
  groupBytesMax: 4_194_304,
  groupChangesMax: 1_024,
  /** Ranges in which the requests of a transaction are counted. */
  commitRequestsBounds: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024],

  /** How long changes may wait for the writer to finish any until the engine is not ready: 15 s. */
  writerReadyMs: 15_000,

  /** How often the serving side wakes the writer for maintenance. */
  tickMs: 1_000,
  /** Work of one maintenance step, commit excluded; a single pair is never split. */
  maintenanceStepMs: 4,
  /** Under load one maintenance step is taken every so many transactions. */
  transactionsPerMaintenanceStep: 16,
  /** How long an expired pair stays on disk, so that a clock set back a little brings it back. */
  sweepDelaySeconds: 60,
  /** Free pages that the file keeps for coming writes before it is shrunk: 16 MiB. */
  freePagesKept: 512,
  /** Pages moved at once when shrinking the file. */
  vacuumPages: 8,

  /** Disk space under which puts are refused: this, or this share of the file system if that is less. */
  diskFreeBytesMin: 536_870_912,
  diskFreeShareMin: 0.05,
  /** What a put needs on disk for each of its bytes: once in the log, once in the database. */
  diskBytesPerByte: 2,
} as const;
