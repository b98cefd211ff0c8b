/** What was read, kept in memory for as long as nothing is committed. */
export class Kept<Value> {
  readonly #values = new Map<string, Value>();
  readonly #countMax: number;
  #commits: number | undefined;

  /** Past `countMax` values all are read again. */
  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  /** `commits` is the count at which the snapshot is the latest. */
  get(name: string, commits: number): Value | undefined {
    this.#keepOnlyAt(commits);
    return this.#values.get(name);
  }

  set(name: string, value: Value, commits: number): void {
    this.#keepOnlyAt(commits);
    if (this.#values.size >= this.#countMax) this.#values.clear();
    this.#values.set(name, value);
  }

  #keepOnlyAt(commits: number): void {
    if (this.#commits === commits) return;
    this.#values.clear();
    this.#commits = commits;
  }
}
