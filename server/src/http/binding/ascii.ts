/** The text with a JSON escape for everything but printable ASCII: what any header or reason phrase can carry. */
export function asAscii(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
