/** `freehold login` and `freehold logout`: keep a server under a name, and forget it. */
import { resolve } from 'node:path';
import { readGivenToken } from '../config/given-token.ts';
import type { LoginConfig, LogoutConfig } from '../config/login.ts';
import { interruptible } from '../interruption.ts';
import { OperatorError } from '../operator-error.ts';
import { OPTIONS } from '../options.ts';
import { membersOf } from '../remote/api-answer.ts';
import { ApiClient } from '../remote/api-client.ts';
import { readProfiles, writeProfiles } from '../remote/profiles.ts';
import { readCa } from '../remote/server-address.ts';
import { readSecret } from './read-secret.ts';

export function login({ url, profile, profilesFile, token: given, caFile }: LoginConfig): Promise<void> {
  return interruptible(async signal => {
    const profiles = await readProfiles(profilesFile);
    const ca = await readCa(caFile, 'login');
    const token = given === undefined ? await askForToken(url, signal) : await readGivenToken(given, 'login');
    const api = new ApiClient({ url, token, ca, signal });
    await verify(api).finally(() => api.close());
    const kept = { url, token, ...(caFile !== undefined && { caFile: resolve(caFile) }) };
    await writeProfiles(profilesFile, new Map([...profiles, [profile, kept]]));
    process.stderr.write(`The token is good. It is kept with ${url} as the profile ${profile} in ${profilesFile}.\n`);
  });
}

export async function logout({ profile, profilesFile }: LogoutConfig): Promise<void> {
  const profiles = new Map(await readProfiles(profilesFile));
  if (!profiles.delete(profile)) throw new OperatorError(`there is no profile ${profile} in ${profilesFile}`);
  await writeProfiles(profilesFile, profiles);
  process.stderr.write(`Forgot the profile ${profile}. Its token is good until it is revoked: freehold token revoke\n`);
}

async function askForToken(url: string, signal: AbortSignal): Promise<string> {
  const text = await readSecret(`Token for ${url}: `, signal);
  const token = OPTIONS.token.parse(text.trim());
  if (token === undefined) throw new OperatorError(`the token must be ${OPTIONS.token.expected}`);
  return token;
}

async function verify(api: ApiClient): Promise<void> {
  await api.json({ method: 'GET', path: '/client/v4/user/tokens/verify' }, result => {
    return membersOf(result)['status'] === 'active' ? true : undefined;
  });
}
