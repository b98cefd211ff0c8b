import { type Fault, fault } from './errors.ts';
import { LIMITS } from './limits.ts';

/**
 * What is wrong with a metadata text, if anything. Metadata is any JSON value, kept as the text that was sent, so that
 * numbers keep their digits; its size is that of this text.
 */
export function metadataFault(text: string): Fault | undefined {
  const bytes = Buffer.byteLength(text);
  if (bytes > LIMITS.metadataBytes) return fault('metadataTooLarge', { bytes, limit: LIMITS.metadataBytes });
  return isJson(text) ? undefined : fault('metadataNotJson');
}

/** Metadata as it is stored: none where it is absent or the JSON `null`. */
export function storedMetadata(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === 'null' ? undefined : text;
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
