/**
 * Keys as a page lists them: as JSON text, which an engine that can make it by itself hands out without an object a
 * key. This is the one form, which every engine keeps to byte by byte.
 */
export interface ListedKey {
  readonly key: string;
  /** JSON text as it was sent. */
  readonly metadata?: string;
  /** Seconds since the Unix epoch. */
  readonly expiresAt?: number;
}

/** How metadata stands in the text: as the JSON value that it is, or as a string that holds its text. */
export type MetadataForm = 'value' | 'text';

/** An array of objects of `name`, `expiration` and `metadata`, the latter two where there are any; without whitespace. */
export function listedKeysJson(keys: readonly ListedKey[], metadataForm: MetadataForm): string {
  return `[${keys.map(key => listedKeyJson(key, metadataForm)).join(',')}]`;
}

function listedKeyJson({ key, metadata, expiresAt }: ListedKey, metadataForm: MetadataForm): string {
  const expiration = expiresAt === undefined ? '' : `,"expiration":${expiresAt}`;
  const metadataJson = metadataForm === 'value' ? metadata : JSON.stringify(metadata);
  const description = metadataJson === undefined ? '' : `,"metadata":${metadataJson}`;
  return `{"name":${JSON.stringify(key)}${expiration}${description}}`;
}
