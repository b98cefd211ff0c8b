import { afterEach, describe, expect, test, vi } from 'vitest';
import { broken, FakeServer, found, refusing } from './fetch.fixture.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Gives the chunks, and then ends or fails; knows why it was cancelled. */
class Source {
  cancelled: unknown;
  readonly stream: ReadableStream;

  constructor(chunks: readonly unknown[], error?: Error) {
    const left = [...chunks];
    this.stream = new ReadableStream({
      pull: controller => {
        if (left.length > 0) controller.enqueue(left.shift());
        else if (error) controller.error(error);
        else controller.close();
      },
      cancel: reason => {
        this.cancelled = reason;
      },
    });
  }
}

/** As `fetch` does it: rejects where the body fails, for a reason that it hides. */
async function readBody(_: string, { body }: RequestInit): Promise<Response> {
  const text = await new Response(body ?? null).text().catch(() => {
    throw new TypeError('fetch failed');
  });
  return new Response(text);
}

test.each([
  ['bytes', [new Uint8Array([0x61]), new Uint8Array([0x62])], 'ab'],
  ['buffers', [new TextEncoder().encode('ab').buffer], 'ab'],
  ['text, as UTF-8', ['a', 'é🤓'], 'aé🤓'],
  ['nothing', [], ''],
])('a stream of %s goes out as it comes', async (_, chunks, expected) => {
  let received: unknown;
  const fetch = async (_: string, { body, ...init }: RequestInit) => {
    received = { ...init, type: body?.constructor, body: await new Response(body ?? null).text() };
    return new Response();
  };
  await new FakeServer(found).connect({ fetch }).put('key', new Source(chunks).stream);
  expect(received).toMatchObject({ type: ReadableStream, body: expected, duplex: 'half' });
});

test('a browser gets it whole, as it cannot stream', async () => {
  vi.stubGlobal('navigator', { userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0' });
  const server = new FakeServer(found);
  await server.connect().put('key', new Source(['a', 'b']).stream);
  expect(server.onlyAsked.init.body).toEqual(new TextEncoder().encode('ab').buffer);
});

describe('a stream that fails', () => {
  test.each(['Node.js/24', 'Mozilla/5.0'])('makes the put reject with its reason (%s)', async userAgent => {
    vi.stubGlobal('navigator', { userAgent });
    const gone = new RangeError('the source is gone');
    const kv = new FakeServer(found).connect({ fetch: readBody });
    await expect(kv.put('key', new Source(['half'], gone).stream)).rejects.toBe(gone);
  });

  test('also where it gives something else than bytes or text', async () => {
    const kv = new FakeServer(found).connect({ fetch: readBody });
    const message = 'KV put() accepts only streams of bytes or strings as values.';
    await expect(kv.put('key', new Source([{}]).stream)).rejects.toThrow(new TypeError(message));
  });
});

describe('after a request that failed', () => {
  test.each([
    ['was refused', refusing(413), 'KV PUT failed: 413 not now'],
    ['had no answer', broken, 'KV PUT failed: other side closed'],
  ])('the source learns that nobody reads on (it %s)', async (_, answer, message) => {
    const source = new Source(['a', 'b', 'c']);
    await expect(new FakeServer(answer).connect().put('key', source.stream)).rejects.toThrow(message);
    expect(source.cancelled).toMatchObject({ message });
  });

  test('what is still under way does not look complete', async () => {
    const source = new Source(['a', 'b', 'c']);
    const server = new FakeServer(refusing(503));
    await expect(server.connect().put('key', source.stream)).rejects.toThrow('503');
    await expect(new Response(server.onlyAsked.init.body ?? null).text()).rejects.toThrow('503');
  });

  test('the source learns of a signal that was aborted before', async () => {
    const source = new Source(['a']);
    const signal = AbortSignal.abort(new RangeError('enough'));
    await expect(new FakeServer(found).connect().put('key', source.stream, { signal })).rejects.toThrow('enough');
    expect(source.cancelled).toMatchObject({ message: 'enough' });
  });
});

test('a stream that somebody reads already is refused', async () => {
  const { stream } = new Source(['a']);
  stream.getReader();
  await expect(new FakeServer(found).connect().put('key', stream)).rejects.toThrow(TypeError);
});

test('a put that is refused does not wait for the other branch of a tee', async () => {
  const [branch, other] = new Source(['a', 'b']).stream.tee();
  await expect(new FakeServer(refusing(401)).connect().put('key', branch)).rejects.toMatchObject({ status: 401 });
  expect(await new Response(other.pipeThrough(new TextEncoderStream())).text()).toBe('ab');
});
