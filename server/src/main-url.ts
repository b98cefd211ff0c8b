/** Of the addresses on which a server listens, the one to tell people: the first of HTTP, or the first of all. */
export function mainUrl(urls: readonly string[]): string | undefined {
  return urls.find(url => /^https?:/.test(url)) ?? urls[0];
}
