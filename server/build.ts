/**
 * Bundles the package's code into `dist`, as CommonJS: a command loads one file instead of more than a hundred, and
 * loads its dependencies by `require`, which together take a third off the time of a start.
 */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

await build({
  absWorkingDir: fileURLToPath(new URL('.', import.meta.url)),
  // The threads and processes lie where the code that starts them does.
  entryPoints: {
    main: 'src/cli/main.ts',
    'serving-thread': 'src/serving-thread.ts',
    'writer-thread': 'src/engine/sqlite/writer-thread.ts',
    'log-copier-thread': 'src/engine/sqlite/log-copier-thread.ts',
    'backup-process': 'src/engine/sqlite/backup-process.ts',
  },
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  packages: 'external',
  format: 'cjs',
  define: { 'import.meta.url': 'moduleUrl' },
  banner: { js: "const moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
  platform: 'node',
  // So old that a Node which is too old gets as far as the line that says so.
  target: 'node18',
  logLevel: 'warning',
});
