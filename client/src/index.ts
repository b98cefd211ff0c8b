/** A Workers KV namespace on a Freehold server: the `KVNamespace` that Workers have, wherever there is `fetch`. */
export { connect } from './connect.ts';
export { KvError, UnsuccessfulKeysError } from './errors.ts';
export type { FreeholdNamespace } from './namespace.ts';
export type { ConnectOptions } from './options.ts';
export type { Fetch } from './transport.ts';
export type {
  ByteStream,
  CallOptions,
  KeysOptions,
  ListedKey,
  ListOptions,
  ListResult,
  Pair,
  PutOptions,
  PutValue,
  ReadOptions,
  TextOptions,
  ValueWithMetadata,
} from './types.ts';
