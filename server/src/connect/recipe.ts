import type { Namespace } from '../kv/engine.ts';

/** What a client has to know to use a namespace. */
export interface Connection {
  /** `http://` or `https://` without a slash at the end, or `unix:` and an absolute path. */
  readonly url: string;
  readonly account: string;
  readonly namespace: Pick<Namespace, 'id' | 'title'>;
  readonly token: string;
}

/** How one client is configured. */
export interface Recipe {
  /** What the token made for the client is good for: the pairs of the namespace, or all of the account. */
  readonly tokenScope: 'namespace' | 'account';
  /** Why the client cannot reach a server at this URL, if it cannot; completes a sentence that begins with the client. */
  urlFault(url: string): string | undefined;
  /** Configuration to paste as it is; ends with a line break. */
  text(connection: Connection): string;
  /** What to do with the text. */
  readonly advice: string;
}
