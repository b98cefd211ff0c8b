/** Values of 25 MiB, and of more, through the real workerd. */
import { createHash, randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { useFreehold } from '../clients/freehold.fixture.ts';
import { useRelay } from './relay.fixture.ts';
import { bindingOf, useWorkerd } from './workerd.fixture.ts';

const LARGEST = 26_214_400;

const freehold = useFreehold();
const relay = useRelay(freehold);
let id: string;
const workerd = useWorkerd(async () => {
  id = await freehold.createNamespace('large');
  return { KV: bindingOf(relay, id) };
});

const bytes = randomBytes(LARGEST);
const text = bytes.toString('hex').slice(0, LARGEST);

function digest(of: Uint8Array | string | undefined): string {
  return createHash('sha256')
    .update(of ?? '')
    .digest('hex');
}

describe('the largest value', () => {
  beforeAll(async () => {
    await freehold.put(id, 'bytes', Uint8Array.from(bytes));
    await freehold.put(id, 'text', text);
  });

  test('is read as bytes, as text and as a stream', async () => {
    const digests = await workerd.run(async ({ KV }) => {
      async function collect(stream: AsyncIterable<Uint8Array> | []): Promise<ArrayBuffer> {
        const parts: Uint8Array<ArrayBuffer>[] = [];
        for await (const part of stream) parts.push(Uint8Array.from(part));
        return new Blob(parts).arrayBuffer();
      }
      const read = [
        (await KV.get('bytes', 'arrayBuffer')) ?? new ArrayBuffer(),
        new TextEncoder().encode((await KV.get('text')) ?? ''),
        await collect((await KV.get('bytes', 'stream')) ?? []),
      ];
      const digests = read.map(part => crypto.subtle.digest('SHA-256', part));
      return (await Promise.all(digests)).map(digest => Array.from(new Uint8Array(digest)));
    });
    const [asBytes, asText] = [digest(bytes), digest(text)];
    expect(digests.map(digest => Buffer.from(digest).toString('hex'))).toEqual([asBytes, asText, asBytes]);
  });

  test('is written as bytes, as text and as a stream, of known length and not', async () => {
    await workerd.run(async ({ KV }) => {
      const bytes = await KV.get('bytes', 'arrayBuffer');
      const known = await KV.get('bytes', 'stream');
      if (!(bytes && known)) throw new Error('missing');
      await KV.put('bytes again', bytes);
      await KV.put('text again', (await KV.get('text')) ?? '');
      await KV.put('known stream', known);
      await KV.put('unknown stream', new Blob([bytes]).stream().pipeThrough(new TransformStream()));
    });
    const [asBytes, asText] = [digest(bytes), digest(text)];
    expect(digest(await freehold.value(id, 'bytes again'))).toBe(asBytes);
    expect(digest(await freehold.value(id, 'text again'))).toBe(asText);
    expect(digest(await freehold.value(id, 'known stream'))).toBe(asBytes);
    expect(digest(await freehold.value(id, 'unknown stream'))).toBe(asBytes);
  });
});

describe('a byte more', () => {
  const TOO_LARGE = `KV PUT failed: 413 Value length of ${LARGEST + 1} exceeds limit of ${LARGEST}.`;

  test('is refused each time, and the connection goes on', async () => {
    const before = relay.connections;
    const errors = await workerd.run(async ({ KV }, length) => {
      const errors: string[] = [];
      for (let time = 0; time < 4; time += 1) {
        await KV.put('more', new Uint8Array(length)).catch(error => errors.push(error.message));
        await KV.put('after', `${time}`);
        errors.push(String(await KV.get('after')));
      }
      return errors;
    }, LARGEST + 1);
    expect(errors).toEqual([0, 1, 2, 3].flatMap(time => [TOO_LARGE, `${time}`]));
    expect(relay.connections - before).toBeLessThanOrEqual(1);
    expect(await freehold.value(id, 'more')).toBe(undefined);
  });

  test('is refused in chunks too', async () => {
    const errors = await workerd.run(async ({ KV }) => {
      const errors: string[] = [];
      for (let time = 0; time < 3; time += 1) {
        let left = 26;
        const chunks = new ReadableStream({
          pull(controller) {
            left -= 1;
            controller.enqueue(new Uint8Array(left === 0 ? 1 : 1_048_576));
            if (left === 0) controller.close();
          },
        });
        await KV.put('more', chunks).catch(error => errors.push(error.message));
        await KV.put('after', `chunks ${time}`);
        errors.push(String(await KV.get('after')));
      }
      return errors;
    });
    expect(errors).toEqual([0, 1, 2].flatMap(time => [TOO_LARGE, `chunks ${time}`]));
    expect(await freehold.value(id, 'more')).toBe(undefined);
  });

  test('is refused many times at once', async () => {
    const outcomes = await workerd.run(async ({ KV }, length) => {
      const puts = Array.from({ length: 8 }, () => KV.put('more', new Uint8Array(length)));
      const settled = await Promise.allSettled(puts);
      return settled.map(outcome => (outcome.status === 'rejected' ? outcome.reason.message : 'written'));
    }, LARGEST + 1);
    expect(outcomes).toEqual(Array(8).fill(TOO_LARGE));
    expect(await workerd.run(({ KV }) => KV.get('after'))).toBe('chunks 2');
  });
});
