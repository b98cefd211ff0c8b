/** The header `CF-KV-Metadata`, in which a KV binding sends and receives metadata. */
import { isUtf8 } from 'node:buffer';
import { asAscii } from './ascii.ts';

/** The metadata text in a header as Node gives it, a character a byte: UTF-8, or else Latin-1. */
export function readMetadataHeader(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const text = String(header);
  const bytes = Buffer.from(text, 'latin1');
  return isUtf8(bytes) ? bytes.toString() : text;
}

/** The same metadata in ASCII: what JSON has line breaks for outside of strings, a header cannot have. */
export function metadataHeader(metadata: string): string {
  return asAscii(metadata.replace(/[\t\n\r]/g, ' '));
}
