/** What the client adds to a page. */
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const COMPRESSED_BYTES_MAX = 6_000;

test('is less than 6 kB, minified and compressed, without dependencies', async () => {
  const entry = fileURLToPath(new URL('index.ts', import.meta.url));
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'neutral',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  expect(Object.keys(metafile.inputs).filter(path => !/(^|\/)client\/src\/[\w-]+\.ts$/.test(path))).toEqual([]);
  const [script] = outputFiles;
  expect(script?.text).toContain('KV');
  expect(gzipSync(script?.contents ?? '').length).toBeLessThan(COMPRESSED_BYTES_MAX);
});
