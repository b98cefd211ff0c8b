import { defineConfig } from 'vitest/config';

const PACKAGE = 'test/package/**/*.test.ts';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'checkout',
          include: ['server/src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: [PACKAGE],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      { test: { name: 'package', include: [PACKAGE], testTimeout: 180_000, hookTimeout: 180_000 } },
    ],
  },
});
