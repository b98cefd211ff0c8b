/** Contenders in turn, round after round, so that a machine that slows down slows all of them down. */
import type { Measurement, Unit } from './measurement.ts';

export interface Contender {
  readonly name: string;
  readonly unit: Unit;
  /** Does the work once, checks what came of it, and answers its figure. Rounds count from 0, and none comes twice. */
  run(round: number): Promise<number>;
}

export interface Rounds {
  readonly suite: string;
  readonly work: string;
  /** Rounds that count. */
  readonly runs: number;
  /** Rounds before them, in which code is compiled and caches fill. */
  readonly warmups: number;
  /** Number of the first round. */
  readonly firstRound?: number;
}

/** A B C, A B C, … */
export async function interleave(rounds: Rounds, contenders: readonly Contender[]): Promise<Measurement[]> {
  const { suite, work, runs, warmups, firstRound = 0 } = rounds;
  const entries = contenders.map(contender => ({ contender, samples: [] as number[] }));
  for (let round = 0; round < warmups + runs; round++) {
    for (const { contender, samples } of entries) {
      const figure = await contender.run(firstRound + round);
      if (round >= warmups) samples.push(figure);
    }
  }
  return entries.map(({ contender: { name, unit }, samples }) => ({ suite, work, contender: name, unit, samples }));
}
