/** Tokens as a table for people: a line each, its columns as wide as they have to be. */
import type { ListedToken } from '../kv/listed-token.ts';

const HEAD = ['ID', 'NAME', 'GOOD FOR', 'CREATED', 'EXPIRES', 'LAST USED'] as const;

export function tokenTable(tokens: readonly ListedToken[]): string {
  const rows = [HEAD, ...tokens.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map(row => width(row[column] ?? ''))));
  const lines = rows.map(row =>
    row
      .map((cell, column) => padded(cell, widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}

function cellsOf(token: ListedToken): readonly string[] {
  const { id, name, status, issued_on, expires_on, last_used_on } = token;
  const end = expires_on === undefined ? 'never' : minute(expires_on);
  return [
    id,
    plain(name),
    scopeText(token),
    minute(issued_on),
    status === 'expired' ? `${end} (expired)` : end,
    last_used_on === undefined ? 'never' : hour(last_used_on),
  ];
}

/** What a token is good for, in words. */
export function scopeText({ account_id: account, namespace_ids: namespaces, ...token }: ListedToken): string {
  const of = account === undefined ? 'every account' : `account ${account}`;
  const where = namespaces === undefined ? of : `${of}, namespaces ${namespaces.join(' ')}`;
  const limits = [
    token.requests_per_second === undefined ? '' : `, ${token.requests_per_second} requests a second`,
    token.bytes_per_day === undefined ? '' : `, ${token.bytes_per_day} bytes a day`,
  ];
  return `${token.read_only ? 'reading ' : ''}${where}${limits.join('')}`;
}

/** Names that were not given by a command may have control characters, which must not reach the terminal. */
function plain(name: string): string {
  return /\p{C}/u.test(name) ? JSON.stringify(name).replace(/\p{C}/gu, '?') : name;
}

function minute(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 16)}Z`;
}

/** Of a time that is known to the hour only, as `21-22Z`: its beginning alone could lie before the token was made. */
function hour(time: string): string {
  const begin = time.slice(11, 13);
  return `${time.slice(0, 10)} ${begin}-${String(Number(begin) + 1).padStart(2, '0')}Z`;
}

function width(text: string): number {
  return [...text].length;
}

function padded(text: string, columns: number): string {
  return text + ' '.repeat(columns - width(text));
}
