/** For tests of unstorage, whichever its driver. */

/** Keys that unstorage leaves as they are: it makes colons of slashes, and cuts at a question mark. */
export const ODD_ITEMS = [
  'a:b',
  '%2F',
  'a+b c',
  'a#b',
  'a\0b',
  'new\nline',
  'ключ 👩‍🚀',
  '__proto__',
  '7',
  'x'.repeat(512),
] as const;
