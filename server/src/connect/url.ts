/** The URL under which clients reach a server. */

/** One cannot connect to the address that stands for all of them. */
export function reachableUrl(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}

const SOCKET = /^unix:(.*)$/s;

/** The path of the Unix socket that a URL names, if it names one. */
export function socketPathOf(url: string): string | undefined {
  return SOCKET.exec(url)?.[1];
}

/** The fault of a Unix socket for clients that know only TCP. */
export function socketFault(url: string): string | undefined {
  return socketPathOf(url) === undefined ? undefined : 'cannot use a Unix socket';
}

/** Where the REST API begins. */
export function apiUrl(url: string): string {
  return `${url}/client/v4`;
}
