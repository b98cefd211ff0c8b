import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OperatorError } from '../operator-error.ts';
import { askServer } from './client.ts';
import { type AdminActions, type AdminServer, openAdminSocket } from './server.ts';

let directory: string;
const opened: AdminServer[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'freehold-admin-'));
});

afterEach(async () => {
  for (const server of opened.splice(0)) await server.close();
  await rm(directory, { recursive: true });
});

const ACTIONS: AdminActions = { 'POST /token/reset-root': () => Promise.resolve({ token: 'new' }) };

async function open(dataDirectory = directory, actions = ACTIONS, onDefect: (error: unknown) => void = () => {}) {
  const server = await openAdminSocket(dataDirectory, actions, onDefect);
  opened.push(server);
  return server;
}

describe('the admin socket', () => {
  test('answers, is for its owner only, and goes when closed', async () => {
    const server = await open();
    const path = join(directory, 'admin.sock');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await askServer(directory, 'POST /token/reset-root')).toEqual({ token: 'new' });
    await server.close();
    expect(existsSync(path)).toBe(false);
  });

  test.each([20, 80, 150, 250])('works in a directory with a name of %d bytes', async bytes => {
    const deep = join(directory, 'd'.repeat(bytes));
    await mkdir(deep);
    const server = await open(deep);
    expect(await askServer(deep, 'POST /token/reset-root')).toEqual({ token: 'new' });
    await server.close();
    expect(await readdir(deep)).toEqual([]);
  });

  test('takes the place of a file that a killed server left', async () => {
    await writeFile(join(directory, 'admin.sock'), '');
    await open();
    expect(await askServer(directory, 'POST /token/reset-root')).toEqual({ token: 'new' });
  });

  test('tells the client an error that the operator can put right', async () => {
    await open(directory, { 'POST /token/reset-root': () => Promise.reject(new OperatorError('not here')) });
    await expect(askServer(directory, 'POST /token/reset-root')).rejects.toThrow(new OperatorError('not here'));
  });

  test('keeps a defect to the log', async () => {
    const defects: unknown[] = [];
    const defect = new Error('secret');
    await open(directory, { 'POST /token/reset-root': () => Promise.reject(defect) }, error => defects.push(error));
    await expect(askServer(directory, 'POST /token/reset-root')).rejects.toThrow(/internal error/);
    expect(defects).toEqual([defect]);
  });

  test.each(['GET /token/reset-root', 'POST /', 'POST /constructor'])('knows no %s', async name => {
    await open();
    const [method, path] = name.split(' ');
    const status = await new Promise((resolve, reject) => {
      request({ socketPath: join(directory, 'admin.sock'), method, path }, response => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(404);
  });
});

describe('there is no server to ask', () => {
  test.each(['', 'missing', 'd'.repeat(200)])('in %j', async name => {
    expect(await askServer(join(directory, name), 'POST /token/reset-root')).toBeUndefined();
  });
});
