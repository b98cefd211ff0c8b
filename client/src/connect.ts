/** The way to a namespace. */
import { FreeholdNamespace } from './namespace.ts';
import { type ConnectOptions, readSettings } from './options.ts';
import { Transport } from './transport.ts';

/**
 * A namespace of a Freehold server: a `KVNamespace`, and more. Sends nothing yet. Throws a TypeError where an option is
 * missing or wrong, and says which.
 */
export function connect<Key extends string = string>(options: ConnectOptions): FreeholdNamespace<Key> {
  return new FreeholdNamespace(new Transport(readSettings(options)));
}
