/** What the contenders beside Freehold are called in results. */
export const SQLITE_ALONE = 'better-sqlite3 alone';
export const BULK_BY_SQLITE = 'one such bulk by better-sqlite3 alone';
export const RECEIVING = 'receiving the bytes';
export const SQLITE_AND_RECEIVING = 'better-sqlite3 alone + receiving';
export const WRITING = 'write and fdatasync';
export const REDIS = 'Redis, appendfsync always';
export const LOCAL_EXPLORER = 'Local Explorer';
export const FSYNC_A_PUT = 'one fsync a put';
export const BARE_READ = 'node:http, token and read';
export const CONSTANT = 'node:http, a constant';
export const PLAIN = 'objects and JSON.stringify';
export const READY_MADE = 'bulk writes that lie ready';
export const BARE_PROCESS = 'a bare node:http process';
