/**
 * What every answer tells browsers, names and values in turn. Values are whatever somebody stored: none is to be taken
 * for a script, a style or a page, to run in a page of this origin, or to stay in a cache when it is gone.
 */
export const COMMON_HEADERS: readonly string[] = [
  'x-content-type-options',
  'nosniff',
  'cache-control',
  'no-store',
  'content-security-policy',
  "default-src 'none'; sandbox",
];
