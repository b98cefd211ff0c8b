/** Control characters, those of Unicode that turn the order of writing around, and its line breaks. */
const UNSAFE = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

/** Whether a text could be several lines, or tell the terminal what to do. */
export function isUnsafe(text: string): boolean {
  return text.search(UNSAFE) >= 0;
}

/** As JSON text in which all that is unsafe is escaped, so that it can neither break the line nor reach the terminal. */
export function shown(text: string): string {
  return JSON.stringify(text).replace(UNSAFE, character => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** The same for what was given on a command line, without the password of a URL. */
export function shownGiven(text: string): string {
  return shown(text.replace(/\/\/[^/?#]*@/, '//…@'));
}
