import { isUtf8 } from 'node:buffer';
import { LIMITS } from './limits.ts';

/** A cursor is the last key of a page in base64url: opaque to clients, and valid for as long as they keep it. */
export function encodeCursor(lastKey: string): string {
  return Buffer.from(lastKey).toString('base64url');
}

/** The key after which a listing goes on, or undefined for a cursor that `encodeCursor` cannot have made. */
export function decodeCursor(cursor: string): string | undefined {
  const bytes = Buffer.from(cursor, 'base64url');
  const genuine = bytes.toString('base64url') === cursor && bytes.length <= LIMITS.keyBytes && isUtf8(bytes);
  return genuine ? bytes.toString() : undefined;
}
