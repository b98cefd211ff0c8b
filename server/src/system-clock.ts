import type { Clock } from './kv/engine.ts';

export const systemClock: Clock = () => Math.floor(Date.now() / 1000);
