/**
 * The KVNamespace surface as a script that runs wherever there is a KVNamespace: in workerd, in Miniflare, and with the
 * client in Node, Deno, Bun and a browser. Hence plain JavaScript, without imports.
 */

const MIB = 1024 * 1024;
const VALUE_BYTES_MAX = 25 * MIB;
const KEY_BYTES_MAX = 512;

const DEL = 'the binding puts it into a header as it is, which servers refuse; the client escapes it';
const REASON = "the binding reads the reason phrase, which is ASCII; the client reads the answer's body";

/** Scenarios whose outcome in workerd's binding rightly is another than the client's, and why. */
export const DIFFERENCES = {
  'key: "\u007f"': DEL,
  'key: too long, in a bulk get': REASON,
  'key: too long in bytes, in a bulk get': REASON,
  'metadata: a DEL': DEL,
  'bulk get: keys that look like array indices': 'the binding loses them from its Map; the client does not',
  'object: what the prototype holds': 'the client also has putMany, deleteMany and keys',
};

/** Every outcome, in order. `kv` should be empty; it is empty again afterwards. */
export async function runScenarios(kv) {
  const outcomes = [];
  for (const { name, prefix, wholeKeys, run } of scenarios) {
    outcomes.push({ name, ...(await outcomeOf(() => run(kv, key => prefix + key))) });
    await cleanUp(kv, prefix, wholeKeys);
  }
  return outcomes;
}

const scenarios = [];

/**
 * `run(kv, at)` answers whatever `portable` can describe; `at(key)` puts a key under the scenario's prefix. Keys that
 * make their point only when they are whole are named in `wholeKeys`.
 */
function scenario(name, run, wholeKeys = []) {
  scenarios.push({ name, prefix: `${String(scenarios.length).padStart(3, '0')}/`, wholeKeys, run });
}

/** A scenario that begins with a value under the key that `read` is told. */
function stored(name, value, read, options) {
  scenario(name, async (kv, at) => {
    await kv.put(at('key'), value, options);
    return read(kv, at('key'));
  });
}

async function cleanUp(kv, prefix, wholeKeys) {
  for (const key of wholeKeys) await kv.delete(key);
  for (;;) {
    const { keys, list_complete } = await kv.list({ prefix });
    for (const { name } of keys) await kv.delete(name);
    if (list_complete) return;
  }
}

async function outcomeOf(run) {
  try {
    return { result: await portable(await run()) };
  } catch (error) {
    return { error: portableError(error) };
  }
}

/** The text of a SyntaxError, and of a failed conversion of a symbol or bigint, is the engine's own. */
function portableError({ name, message }) {
  const isOfEngine = name === 'SyntaxError' || /symbol|bigint|circular|cyclic/i.test(message);
  return { name, message: isOfEngine ? 'as the engine says it' : message };
}

/** What JSON can carry and a person can compare. */
async function portable(value) {
  if (value === undefined) return { undefined: true };
  if (typeof value === 'string')
    return value.length > 2048 ? { string: digest(new TextEncoder().encode(value)) } : value;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof ArrayBuffer) return { arrayBuffer: digest(new Uint8Array(value)) };
  if (value instanceof ReadableStream) return { stream: digest(await bytesOf(value)) };
  if (value instanceof Map) return { map: await portable([...value]) };
  if (Array.isArray(value)) return Promise.all(value.map(portable));
  const members = Object.entries(value).map(async ([name, member]) => [name, await portable(member)]);
  return Object.fromEntries(await Promise.all(members));
}

async function bytesOf(stream) {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Short bytes as hexadecimal digits, long ones as their number and a checksum (FNV-1a). */
function digest(bytes) {
  if (bytes.length <= 64) return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return `${bytes.length} bytes, ${(hash >>> 0).toString(16)}`;
}

function streamOf(chunks) {
  const left = [...chunks];
  const pull = controller => (left.length === 0 ? controller.close() : controller.enqueue(left.shift()));
  return new ReadableStream({ pull });
}

const encode = text => new TextEncoder().encode(text);
const title = value => (typeof value === 'string' ? JSON.stringify(value) : `${typeof value} ${String(value)}`);
const nowS = () => Math.floor(Date.now() / 1000);

// Values, each way

for (const type of ['text', 'json', 'arrayBuffer', 'stream']) {
  scenario(`get: a missing key as ${type}`, (kv, at) => kv.get(at('missing'), type));
  scenario(`getWithMetadata: a missing key as ${type}`, (kv, at) => kv.getWithMetadata(at('missing'), { type }));
  stored(`get: a value as ${type}`, '{"a":[1,"é🤓"]}', (kv, key) => kv.get(key, type));
  stored(`get: a value as { type: ${type} }`, '[null]', (kv, key) => kv.get(key, { type }));
  stored(`get: an empty value as ${type}`, '', (kv, key) => kv.get(key, type));
  const metadata = { of: type };
  stored(`getWithMetadata: a value as ${type}`, '[1]', (kv, key) => kv.getWithMetadata(key, type), { metadata });
  stored(`getWithMetadata: a value as { type: ${type} }`, '[1]', (kv, key) => kv.getWithMetadata(key, { type }));
}

const NO_TYPE = [undefined, null, {}, { type: undefined, cacheTtl: undefined }, ['text'], () => 'text'];

stored('get: text unless a type is given', 'value', async (kv, key) => [
  await kv.get(key),
  ...(await Promise.all(NO_TYPE.map(options => kv.get(key, options)))),
]);

stored('getWithMetadata: text unless a type is given', 'value', async (kv, key) => [
  await kv.getWithMetadata(key),
  ...(await Promise.all(NO_TYPE.map(options => kv.getWithMetadata(key, options)))),
]);

for (const text of ['null', ' 1.5 ', '"é"', 'true', '{"__proto__":1}', '{"a":', '\ufeff1']) {
  stored(`get: ${JSON.stringify(text)} as json`, text, (kv, key) => kv.get(key, 'json'));
}

const NOT_UTF8 = new Uint8Array([0x61, 0xff, 0xed, 0xa0, 0x80, 0xe2, 0x82, 0x62]);
stored('get: bytes that are not UTF-8, as text', NOT_UTF8, (kv, key) => kv.get(key));
stored('get: bytes that are not UTF-8', NOT_UTF8, (kv, key) => kv.get(key, 'arrayBuffer'));
stored('get: a byte order mark stays in text', '\ufeffafter', (kv, key) => kv.get(key));
stored('bulk get: a byte order mark stays in text', '\ufeffafter', (kv, key) => kv.get([key]));

for (const type of ['banana', '', 'TEXT', 42, true, null]) {
  stored(`get: the unknown type ${title(type)}`, 'value', (kv, key) => kv.get(key, { type }));
  stored(`get: ${title(type)} instead of options`, 'value', (kv, key) => kv.get(key, type));
  stored(`getWithMetadata: the unknown type ${title(type)}`, 'value', (kv, key) => kv.getWithMetadata(key, { type }));
}

scenario('get: an unknown type and a missing key', (kv, at) => kv.get(at('missing'), 'banana'));

for (const cacheTtl of [60, '60', 30.9, 29, 0, -1, null, NaN, 'often', 2 ** 31, 2 ** 31 - 1]) {
  stored(`get: a cacheTtl of ${title(cacheTtl)}`, 'value', (kv, key) => kv.get(key, { cacheTtl }));
  stored(`bulk get: a cacheTtl of ${title(cacheTtl)}`, 'value', (kv, key) => kv.get([key], { cacheTtl }));
}

const VALUES = {
  text: 'é🤓\u0000\n',
  ArrayBuffer: encode('buffer').buffer,
  Uint8Array: encode('bytes'),
  'a part of a buffer': encode('partial').subarray(1, 4),
  DataView: new DataView(encode('a view').buffer, 2, 3),
  Uint16Array: new Uint16Array([0x4142, 0x4344]),
  'an empty view': new Uint8Array(),
  undefined: undefined,
  null: null,
  'the number 42': 42,
  'the number 1e21': 1e21,
  'the number -0': -0,
  NaN: NaN,
  true: true,
  'the bigint 10': 10n,
};

for (const [kind, value] of Object.entries(VALUES)) {
  stored(`put: ${kind}`, value, (kv, key) => kv.get(key, 'arrayBuffer'));
}

/** Made when they are asked for: workerd lets a module make no Response while it loads. */
const NOT_VALUES = {
  'an object': () => ({}),
  'an array': () => ['a'],
  'a String object': () => new String('text'),
  'a Blob': () => new Blob(['text']),
  'a Date': () => new Date(0),
  URLSearchParams: () => new URLSearchParams('a=b'),
  'a function': () => () => 'text',
  'a Response': () => new Response('text'),
  'a symbol': () => Symbol('text'),
};

for (const [kind, make] of Object.entries(NOT_VALUES)) {
  scenario(`put: ${kind} is refused`, (kv, at) => kv.put(at('key'), make()));
}

stored('put: a string with a lone surrogate', 'a\ud800b', async (kv, key) =>
  (await kv.get(key)).replace(/\ufffd+/, '<replaced>'),
);

const STREAMS = {
  'whose length is known': () => new Response('streamed').body,
  'whose length is not known': () => streamOf([encode('in '), encode('two parts')]),
  'without bytes': () => streamOf([]),
};

for (const [kind, make] of Object.entries(STREAMS)) {
  scenario(`put: a stream ${kind}`, async (kv, at) => [await kv.put(at('key'), make()), await kv.get(at('key'))]);
}

scenario('put: the largest value, each way', async (kv, at) => {
  const value = new Uint8Array(VALUE_BYTES_MAX).map((_, index) => (index * 31) % 127);
  await kv.put(at('key'), value);
  const asText = await kv.get(at('key'));
  await kv.put(at('copy'), asText);
  await kv.put(at('streamed'), await kv.get(at('key'), 'stream'));
  return [asText, await kv.get(at('copy'), 'arrayBuffer'), await kv.get(at('streamed'), 'arrayBuffer')];
});

scenario('put: a value of a byte too much', (kv, at) => kv.put(at('key'), new Uint8Array(VALUE_BYTES_MAX + 1)));

scenario('put: a stream of a byte too much', (kv, at) => {
  const chunks = Array.from({ length: 25 }, () => new Uint8Array(MIB));
  return kv.put(at('key'), streamOf([...chunks, new Uint8Array(1)]));
});

scenario('put: the last of two values counts, and its metadata and expiration', async (kv, at) => {
  await kv.put(at('key'), 'first', { metadata: 1, expiration: 2_000_000_000 });
  await kv.put(at('key'), 'second');
  return [await kv.getWithMetadata(at('key')), (await kv.list({ prefix: at('') })).keys.map(key => Object.keys(key))];
});

for (const options of ['text', 42, true]) {
  scenario(`put: ${title(options)} for options`, (kv, at) => kv.put(at('key'), 'value', options));
  scenario(`list: ${title(options)} for options`, kv => kv.list(options));
}

scenario('put: null for options', (kv, at) => kv.put(at('key'), 'value', null));

// Keys

const WORDS =
  'a/b a%2Fb % %zz a+b ?urlencoded=false#x ..%2Fup ../up ./here trailing/ double//slash back\\slash é🤓 e\u0301 :@=;,!*()~$&';
const KEYS = [...WORDS.split(' '), 'nul\u0000', 'line\r\nbreak', '\u007f', '\ufeffbom', 'a space', '\'"`<>{}|^[]'];

for (const key of KEYS) {
  scenario(`key: ${JSON.stringify(key)}`, (kv, at) => roundTrip(kv, at(key), at('')));
}

const WHOLE_KEYS = ['/', '/rooted', '//host/path', '...', ' ', '\n', '?', '#', 'bulk/get', 'bulk/put', 'constructor'];

for (const key of WHOLE_KEYS) {
  scenario(`key: ${JSON.stringify(key)}, and nothing else`, kv => roundTrip(kv, key, key), [key]);
}

async function roundTrip(kv, key, prefix) {
  await kv.put(key, 'value', { metadata: { of: key } });
  const { keys } = await kv.list({ prefix });
  const found = await kv.getWithMetadata(key);
  const together = await kv.get([key, 'missing']);
  await kv.delete(key);
  return [keys, found, together.get(key), together.size, await kv.get(key)];
}

scenario('key: the longest', (kv, at) => roundTrip(kv, at('').padEnd(KEY_BYTES_MAX, 'k'), at('')));
scenario('key: the longest, of characters of several bytes', (kv, at) =>
  roundTrip(kv, `${at('')}${'🤓'.repeat(127)}`, at('')),
);

const LONE = 'a\ud800b';
scenario('key: with a lone surrogate, in get', (kv, at) => kv.get(at(LONE)));
scenario('key: with a lone surrogate, in put', (kv, at) => kv.put(at(LONE), 'value'));
scenario('key: with a lone surrogate, in delete', (kv, at) => kv.delete(at(LONE)));
scenario('key: with a lone surrogate, in a bulk get', async (kv, at) => [...(await kv.get([at(LONE)])).values()]);

const BAD_KEYS = {
  empty: '',
  dot: '.',
  'two dots': '..',
  'too long': 'k'.repeat(513),
  'too long in bytes': 'é'.repeat(257),
};

for (const [kind, key] of Object.entries(BAD_KEYS)) {
  scenario(`key: ${kind}, in get`, kv => kv.get(key));
  scenario(`key: ${kind}, in getWithMetadata`, kv => kv.getWithMetadata(key));
  scenario(`key: ${kind}, in put`, kv => kv.put(key, 'value'));
  scenario(`key: ${kind}, in delete`, kv => kv.delete(key));
  scenario(`key: ${kind}, in a bulk get`, kv => kv.get([key]));
}

for (const key of [42, null, undefined, true, { toString: () => 'an object' }, ['a', 'b']]) {
  const name = String(key);
  scenario(
    `key: ${title(key)} is its text`,
    async kv => [await kv.put(key, 'value'), await kv.get(name), await kv.delete(key), await kv.get(name)],
    [name],
  );
}

scenario('key: a symbol, in get', kv => kv.get(Symbol('key')));
scenario('key: none, in get', kv => kv.get());
scenario('key: none, in getWithMetadata', kv => kv.getWithMetadata());
scenario('key: none, in put', kv => kv.put());
scenario('key: none, in delete', kv => kv.delete());
scenario('put: no value', (kv, at) => kv.put(at('key')));

// Expiration

const FAR_S = 2_000_000_000;

scenario('expiration: as a time, in the listing', async (kv, at) => {
  await kv.put(at('key'), 'value', { expiration: FAR_S });
  return (await kv.list({ prefix: at('') })).keys;
});

scenario('expiration: as a time to live, in the listing', async (kv, at) => {
  await kv.put(at('key'), 'value', { expirationTtl: 3600 });
  const [{ expiration }] = (await kv.list({ prefix: at('') })).keys;
  return Math.abs(expiration - nowS() - 3600) < 60;
});

scenario('expiration: the time to live wins over the time', async (kv, at) => {
  await kv.put(at('key'), 'value', { expiration: FAR_S, expirationTtl: 3600 });
  const [{ expiration }] = (await kv.list({ prefix: at('') })).keys;
  return expiration < FAR_S;
});

scenario('expiration: a time too near', async (kv, at) => {
  const expiration = nowS() + 30;
  const { error } = await outcomeOf(() => kv.put(at('key'), 'value', { expiration }));
  return { ...error, message: error.message.replace(String(expiration), '<soon>') };
});

const OUT_OF_INT32 = [2 ** 31, -(2 ** 31) - 1];
const NUMBERS = [0, -5, 59, 60.9, NaN, Infinity, 2 ** 31 - 1, -(2 ** 31), ...OUT_OF_INT32];
const INTEGERS = [...NUMBERS, '61', ' 62 ', '0x50', 'abc', '', null, undefined, true, [], [70], {}, 10n];

for (const integer of INTEGERS) {
  const name = Array.isArray(integer) ? `[${integer}]` : title(integer);
  scenario(`expiration: ${name} as the time to live`, async (kv, at) => {
    await kv.put(at('key'), 'value', { expirationTtl: integer });
    const [{ expiration }] = (await kv.list({ prefix: at('') })).keys;
    return expiration === undefined ? 'none' : Math.abs(expiration - nowS() - Number(integer)) < 60;
  });
  scenario(`expiration: ${name} as the time`, async (kv, at) => {
    await kv.put(at('key'), 'value', { expiration: integer });
    return (await kv.list({ prefix: at('') })).keys;
  });
  scenario(`list: a limit of ${name}`, async (kv, at) => {
    for (const key of ['a', 'b', 'c']) await kv.put(at(key), '');
    return (await kv.list({ prefix: at(''), limit: integer })).keys.map(({ name }) => name);
  });
}

scenario('expiration: out of range, and the key is bad too', kv => kv.put('', 'value', { expiration: 2 ** 31 }));

// Metadata

const circular = {};
circular.self = circular;

const METADATA = {
  'an object': { a: [1, 2.5, null, true], é: '🤓' },
  'a nested __proto__': JSON.parse('{"__proto__":{"a":1}}'),
  'an array': [1, [2]],
  'a string': 'plain',
  'an empty string': '',
  'a number': -1.5e300,
  'a false': false,
  'a null': null,
  'an undefined': undefined,
  NaN: NaN,
  'a Date': new Date(0),
  'a Map': new Map([[1, 2]]),
  'an object with toJSON': { toJSON: () => ['from toJSON'] },
  controls: 'tab\t, line\r\nbreak, nul\u0000, c1\u0085',
  'a DEL': '\u007f',
  separators: '\u2028\u2029\ufeff',
  'quotes and backslashes': '"\\"\\u0041/',
  'a lone surrogate': 'a\ud800b',
  'the most bytes': 'k'.repeat(1022),
  'the most bytes, not ASCII': 'é'.repeat(511),
  'a byte too much': 'k'.repeat(1023),
  'a byte too much, not ASCII': `${'é'.repeat(511)}k`,
  'ten times too much': 'k'.repeat(10_238),
  'a circular object': circular,
  'a bigint': 1n,
  'a toJSON that throws': {
    toJSON: () => {
      throw new RangeError('no JSON of this');
    },
  },
};

for (const [kind, metadata] of Object.entries(METADATA)) {
  scenario(`metadata: ${kind}`, async (kv, at) => {
    await kv.put(at('key'), 'value', { metadata });
    const listed = await kv.list({ prefix: at('') });
    return [await kv.getWithMetadata(at('key')), listed.keys, await kv.getWithMetadata([at('key')])];
  });
}

// Deleting

stored('delete: a key, again, and one that never was', 'value', async (kv, key) => {
  const outcomes = [await kv.delete(key), await kv.get(key), await kv.delete(key)];
  return [...outcomes, await kv.delete(`${key}-that-never-was`)];
});

scenario('delete: an array is one key', async (kv, at) => {
  await kv.put(at('a'), 'value');
  await kv.delete([at('a')]);
  await kv.put(at('b'), 'value');
  await kv.delete([at('b'), at('c')]);
  return [await kv.get(at('a')), await kv.get(at('b'))];
});

// Listing

const ORDERED = ['', '\u0000', ' ', 'A', 'B', 'a', 'a/', 'a0', 'aa', 'b', '\u007f', 'é', '\u2028', '\uffff', '🤓'];

scenario('list: keys in the order of their bytes', async (kv, at) => {
  for (const key of ORDERED.toReversed()) await kv.put(at(key), key);
  return kv.list({ prefix: at('') });
});

scenario('list: page by page', async (kv, at) => {
  for (const key of ORDERED) await kv.put(at(key), key);
  const pages = [];
  let cursor = null;
  do {
    const page = await kv.list({ prefix: at(''), limit: 4, cursor });
    pages.push({ ...page, cursor: typeof page.cursor });
    cursor = page.cursor;
  } while (cursor !== undefined);
  return pages;
});

scenario('list: as many keys as the limit are the last page', async (kv, at) => {
  for (const key of ['a', 'b']) await kv.put(at(key), '');
  return kv.list({ prefix: at(''), limit: 2 });
});

scenario('list: goes on behind a key that is gone', async (kv, at) => {
  for (const key of ['a', 'b', 'c']) await kv.put(at(key), '');
  const { cursor } = await kv.list({ prefix: at(''), limit: 1 });
  await kv.delete(at('a'));
  return kv.list({ prefix: at(''), cursor });
});

scenario('list: nothing under the prefix', (kv, at) => kv.list({ prefix: at('nothing') }));

scenario('list: everything, however it is asked for', async (kv, at) => {
  await kv.put(at('key'), 'value', { metadata: [1], expiration: FAR_S });
  const asked = [undefined, null, {}, { prefix: null, cursor: null }, { prefix: '', cursor: '' }, { limit: undefined }];
  return [await kv.list(), ...(await Promise.all(asked.map(options => kv.list(options))))];
});

for (const prefix of ['50%_', 'a+b c/', '%2F', '../', 'é🤓', '?&=#', 'nul\u0000']) {
  scenario(`list: the prefix ${JSON.stringify(prefix)} is taken as it is`, async (kv, at) => {
    for (const key of [`${prefix}key`, '500key', 'aab c/key', '/', 'e']) await kv.put(at(key), '');
    return (await kv.list({ prefix: at(prefix) })).keys;
  });
}

scenario(
  'list: prefixes that are not strings are their text',
  async (kv, at) => {
    await kv.put('42', '');
    await kv.put('[object Object]', '');
    return [(await kv.list({ prefix: 42 })).keys, (await kv.list({ prefix: {} })).keys, at('')];
  },
  ['42', '[object Object]'],
);

scenario('list: the longest prefix', (kv, at) => kv.list({ prefix: at('').padEnd(KEY_BYTES_MAX, 'k') }));
scenario('list: a prefix of a byte too much', (kv, at) => kv.list({ prefix: at('').padEnd(KEY_BYTES_MAX + 1, 'k') }));
scenario('list: the largest limit', (kv, at) => kv.list({ prefix: at(''), limit: 1000 }));
scenario('list: a limit of one too much', (kv, at) => kv.list({ prefix: at(''), limit: 1001 }));

// Bulk get

const BULK = { 'b/key': 'value', a: '"json"', é: 'é', '': 'the prefix itself' };

async function putAll(kv, at, metadata) {
  for (const [key, value] of Object.entries(BULK)) await kv.put(at(key), value, { metadata });
  return Object.keys(BULK).map(at);
}

const inOrder = map => [...map].sort(([one], [other]) => (one < other ? -1 : 1));

scenario('bulk get: text', async (kv, at) => {
  const keys = await putAll(kv, at, undefined);
  const asked = [undefined, null, 'text', '', {}, { type: 'text' }, { type: undefined }];
  const maps = await Promise.all(asked.map(options => kv.get([...keys, at('missing')], options)));
  return maps.map(inOrder);
});

scenario('bulk get: with metadata', async (kv, at) => {
  const keys = await putAll(kv, at, { some: ['metadata'] });
  return inOrder(await kv.getWithMetadata([...keys, at('missing')]));
});

scenario('bulk get: json', async (kv, at) => {
  await kv.put(at('object'), '{"a":[1,null],"__proto__":2}', { metadata: 'm' });
  await kv.put(at('null'), 'null');
  const keys = [at('object'), at('null'), at('missing')];
  return [inOrder(await kv.get(keys, 'json')), inOrder(await kv.getWithMetadata(keys, { type: 'json' }))];
});

scenario('bulk get: json, and one value is not', async (kv, at) => {
  const keys = await putAll(kv, at, undefined);
  return kv.get(keys, 'json');
});

for (const type of ['arrayBuffer', 'stream', 'banana', 42]) {
  scenario(`bulk get: the type ${title(type)}`, (kv, at) => kv.get([at('key')], { type }));
}

stored('bulk get: the same key twice', 'value', (kv, key) => kv.get([key, key]));

scenario(
  'bulk get: keys that look like array indices',
  async kv => {
    await kv.put('0', 'zero');
    await kv.put('42', 'forty-two');
    return [await kv.get(['0', '42', '7']), await kv.getWithMetadata([42])];
  },
  ['0', '42'],
);

scenario(
  'bulk get: keys that objects have',
  async kv => {
    await kv.put('__proto__', 'value', { metadata: 1 });
    const keys = ['__proto__', 'constructor', '01', '-1', '4294967295'];
    return [inOrder(await kv.get(keys)), inOrder(await kv.getWithMetadata(keys))];
  },
  ['__proto__'],
);

scenario(
  'bulk get: keys that are not strings are their text',
  async kv => {
    await kv.put('null', 'value');
    return inOrder(await kv.get([null, true, undefined, 1.5, {}]));
  },
  ['null'],
);

scenario('bulk get: no keys', kv => kv.get([]));
const keysOf = (count, at) => Array.from({ length: count }, (_, index) => at(`k${index}`));
scenario('bulk get: the most keys', async (kv, at) => (await kv.get(keysOf(100, at))).size);
scenario('bulk get: a key too many', (kv, at) => kv.get(keysOf(101, at)));

scenario('bulk get: more bytes than one answer may have', async (kv, at) => {
  for (const key of ['a', 'b']) await kv.put(at(key), new Uint8Array(13 * MIB).fill(0x61));
  return kv.get([at('a'), at('b')]);
});

// The object itself

scenario('object: its tag', kv => [
  Object.prototype.toString.call(kv),
  String(kv),
  JSON.stringify(kv),
  Object.keys(kv),
]);
scenario('object: what the prototype holds', kv => {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(kv));
  return names.filter(name => name !== 'constructor').sort();
});
