import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import zlib from 'node:zlib';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import type { ArrivingText } from '../kv/arriving-text.ts';
import { LIMITS } from '../kv/limits.ts';
import { Admission } from './admission.ts';
import { bodyTooLarge, drain, readBody, receiveText } from './body.ts';
import { BodySource, type RefuseBody } from './body-source.ts';
import type { Call } from './call.ts';

afterEach(() => {
  vi.useRealTimers();
});

interface Exchange {
  readonly call: Call;
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly outgoing: ReturnType<typeof request>;
}

/** An upload that has begun, seen from both of its ends. */
async function upload(headers: Readonly<Record<string, string>> = {}, admission = new Admission()): Promise<Exchange> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const outgoing = request({ host: '127.0.0.1', port, method: 'PUT', headers });
  outgoing.on('error', () => {});
  outgoing.flushHeaders();
  const [message, response] = (await once(server, 'request')) as [IncomingMessage, ServerResponse];
  onTestFinished(() => {
    outgoing.destroy();
    server.closeAllConnections();
    server.close();
  });
  const services = { admission };
  // All of a call that reading a body needs.
  const call = { services, request: message, response, keep: () => {} } as unknown as Call;
  return { call, message, response, outgoing };
}

function readText(call: Call, limit: number, refuse: RefuseBody): Promise<ArrivingText> {
  return receiveText(new BodySource(call, limit, refuse));
}

test('a body is the whole of its buffer, and counted', async () => {
  for (const headers of [{ 'content-length': '6' }, undefined]) {
    const { call, message, outgoing } = await upload(headers);
    const reading = readBody(call, 6, bodyTooLarge(6));
    outgoing.write('abc');
    outgoing.end('def');
    const body = await reading;
    expect(Buffer.from(body.buffer).toString()).toBe('abcdef');
    expect(message.bodyBytes).toBe(6);
  }
});

test('a body past the limit is given up while it is still being sent', async () => {
  const { call, message, outgoing } = await upload();
  const reading = readBody(call, 2, bodyTooLarge(2));
  outgoing.write('abc');
  await expect(reading).rejects.toThrow('bodyTooLarge');
  expect(message.complete).toBe(false);
});

test('reading ends where the connection does, also when it was gone before', async () => {
  const { call, message, outgoing } = await upload({ 'content-length': '6' });
  const reading = readBody(call, 6, bodyTooLarge(6));
  outgoing.write('abc');
  await once(message, 'data');
  outgoing.destroy();
  await expect(reading).rejects.toThrow('requestMalformed');
  await expect(readBody(call, 6, bodyTooLarge(6))).rejects.toThrow('requestMalformed');
});

test('a body can be had as text while it arrives', async () => {
  for (const headers of [{ 'content-length': '6' }, undefined]) {
    const { call, message, outgoing } = await upload(headers);
    const text = await readText(call, 6, bodyTooLarge(6));
    outgoing.write('abc');
    await text.reaches(3);
    expect(Buffer.from(text.bytes.subarray(0, text.length)).toString()).toBe('abc');
    outgoing.end('def');
    await text.reaches(7);
    expect(Buffer.from(text.bytes.subarray(0, text.length)).toString()).toBe('abcdef');
    expect(message.bodyBytes).toBe(6);
  }
});

test('text past the limit is given up, as is text whose connection is lost', async () => {
  const tooLarge = await upload();
  const text = await readText(tooLarge.call, 2, bodyTooLarge(2));
  tooLarge.outgoing.write('abc');
  await expect(text.reaches(3)).rejects.toThrow('bodyTooLarge');
  const lost = await upload({ 'content-length': '6' });
  const cutShort = await readText(lost.call, 6, bodyTooLarge(6));
  lost.outgoing.write('abc');
  await cutShort.reaches(3);
  lost.outgoing.destroy();
  await expect(cutShort.reaches(4)).rejects.toThrow('requestMalformed');
});

test('a compressed body that is given up lets go of its decoder, though its sender stays', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const opened = vi.spyOn(zlib, 'createGunzip');
  const admission = new Admission({ windowMs: 1_000 });
  admission.transfers.start();
  onTestFinished(() => {
    admission.transfers.stop();
    opened.mockRestore();
  });
  const { call, message, outgoing } = await upload({ 'content-encoding': 'gzip' }, admission);
  const reading = expect(readBody(call, 6, bodyTooLarge(6))).rejects.toThrow('requestTimeout');
  outgoing.write(zlib.gzipSync('abc').subarray(0, 12));
  await once(message, 'data');
  vi.advanceTimersByTime(2_000);
  await reading;
  expect(message.destroyed).toBe(false);
  expect(opened.mock.results.map(({ value }) => value.destroyed)).toEqual([true]);
});

test('what arrives is not held in memory twice', async () => {
  for (const read of [readBody, readText]) {
    const { call, message, outgoing } = await upload({ 'content-length': '500000' });
    const chunks: Buffer[] = [];
    const body = read(call, 500_000, bodyTooLarge(500_000));
    message.on('data', (chunk: Buffer) => chunks.push(chunk));
    outgoing.end(Buffer.alloc(500_000, 'x'));
    await once(message, 'end');
    await body;
    expect(chunks.length).toBeGreaterThan(0);
    expect(chunks.every(chunk => chunk.length < 10_000)).toBe(true);
  }
});

test('a chunk that shares its memory with others is left alone', async () => {
  for (const read of [readBody, readText]) {
    const { call, message } = await upload({ 'content-length': '20000' });
    const memory = Buffer.alloc(30_000, 'x');
    void read(call, 20_000, bodyTooLarge(20_000));
    await new Promise(setImmediate);
    const received = once(message, 'data');
    message.push(memory.subarray(0, 10_000));
    await received;
    expect(message.bodyBytes).toBe(10_000);
    expect(memory.length).toBe(30_000);
    message.resume();
    message.push(null);
  }
});

test('draining also counts chunks whose memory is given back', async () => {
  const { call, message, outgoing } = await upload();
  (await readText(call, 2 * LIMITS.drainBytes, bodyTooLarge(2 * LIMITS.drainBytes))).discard();
  drain(message);
  outgoing.end(Buffer.alloc(LIMITS.drainBytes + 1));
  await once(message, 'close');
  expect(message.readableEnded).toBe(false);
});

test('draining lets go of its timer when the body has come, and the connection lives on', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { message, response, outgoing } = await upload();
  drain(message);
  expect(vi.getTimerCount()).toBe(1);
  const closed = new Promise(resolve => message.once('close', resolve));
  outgoing.end('abc');
  response.end();
  await closed;
  expect(vi.getTimerCount()).toBe(0);
  expect(message.socket.destroyed).toBe(false);
});

test('draining lets go of its timer when the client goes away, also when it was gone before', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { message, outgoing } = await upload();
  drain(message);
  const closed = new Promise(resolve => message.once('close', resolve));
  outgoing.destroy();
  await closed;
  expect(vi.getTimerCount()).toBe(0);
  drain(message);
  expect(vi.getTimerCount()).toBe(0);
});

test('draining ends the connection of a client that takes too long', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { message, outgoing } = await upload();
  outgoing.write('abc');
  drain(message);
  vi.advanceTimersByTime(LIMITS.drainMs);
  await once(outgoing, 'error');
  expect(message.socket.destroyed).toBe(true);
});
