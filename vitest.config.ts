import { defineConfig } from 'vitest/config';

const PACKAGE = 'test/package/**/*.test.ts';
const RUNTIMES = 'test/runtimes/**/*.test.ts';
const FAULTS = 'test/faults/**/*.test.ts';
/** Needs programs of the operating system: nginx, Caddy, strace, zsh, fish, systemd's and Prometheus' tools. */
const SYSTEM = 'test/{deploy,prometheus,proxies,shells}/**/*.test.ts';

/** A workspace imports another's source. */
const ssr = { resolve: { conditions: ['freehold-source'] } };

export default defineConfig({
  test: {
    projects: [
      {
        ssr,
        test: {
          name: 'checkout',
          include: ['{bench,client/src,server/src,test}/**/*.test.ts'],
          exclude: [FAULTS, PACKAGE, RUNTIMES, SYSTEM],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      { ssr, test: { name: 'faults', include: [FAULTS], testTimeout: 120_000, hookTimeout: 60_000 } },
      { ssr, test: { name: 'system', include: [SYSTEM], testTimeout: 60_000, hookTimeout: 60_000 } },
      { ssr, test: { name: 'runtimes', include: [RUNTIMES], testTimeout: 180_000, hookTimeout: 180_000 } },
      { test: { name: 'package', include: [PACKAGE], testTimeout: 180_000, hookTimeout: 180_000 } },
    ],
  },
});
