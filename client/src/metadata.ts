/** Metadata in the header `CF-KV-Metadata`: JSON. */

/**
 * JSON as a ByteString, which `fetch` takes for a header: every character stands for a byte of UTF-8, so that 1,024 bytes
 * of metadata need no more in the header. JSON has escapes for all control characters but DEL, which no header can have.
 */
export function toMetadataHeader(metadata: unknown): string {
  const json = String(JSON.stringify(metadata)).replaceAll('\x7f', '\\u007f');
  return Array.from(new TextEncoder().encode(json), byte => String.fromCharCode(byte)).join('');
}

/** The server escapes what is not ASCII. */
export function readMetadataHeader(header: string | null): unknown {
  return header ? JSON.parse(header) : null;
}
