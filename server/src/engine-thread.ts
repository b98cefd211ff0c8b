/** Starts what takes an engine longest to start, whichever directory it will be for. */
export { startWriterThread as startEngineThread } from './engine/sqlite/start-writer-thread.ts';
