/** A token that is given by a variable or in a file. */
import { readFile } from 'node:fs/promises';
import type { Command } from '../commands.ts';
import { usageError } from '../operator-error.ts';
import { OPTIONS } from '../options.ts';
import { notAsExpected, read, type Settings } from './settings.ts';

/** `source` is the flag or variable, to be named where something has to be changed there. */
export type GivenToken = { readonly source: string } & ({ readonly token: string } | { readonly file: string });

/** Undefined where none is given. Throws an `OperatorError` where it is given twice. */
export function givenToken(settings: Settings): GivenToken | undefined {
  const token = read(settings, 'token');
  const file = read(settings, 'tokenFile');
  if (token && file) {
    const message = `${token.source} and ${file.source} are both set: give the token by one of them`;
    throw usageError(message, settings.command);
  }
  if (token) return { source: token.source, token: token.value };
  return file && { source: file.source, file: file.value };
}

/** Throws an `OperatorError` where its file does not hold one. */
export async function readGivenToken(given: GivenToken, command: Command): Promise<string> {
  if ('token' in given) return given.token;
  const { source, file } = given;
  const text = await readFile(file, 'utf8').catch(error => {
    throw usageError(`${source}: ${(error as Error).message}`, command, error);
  });
  const token = OPTIONS.token.parse(text.replace(/\r?\n$/, ''));
  if (token === undefined) throw notAsExpected(command, 'token', { source: `${source}: the token in ${file}`, text });
  return token;
}
