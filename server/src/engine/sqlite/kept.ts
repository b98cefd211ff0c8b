/** What was read, kept in memory for as long as nothing is committed. */
export class Kept<Value> {
  readonly #values = new Map<string, Value>();
  readonly #countMax: number;
  #version: number | undefined;

  /** Past `countMax` values all are read again. */
  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  /** `version` grows with every commit: the count of commits, or the snapshot's own version. */
  get(name: string, version: number): Value | undefined {
    this.#keepOnlyAt(version);
    return this.#values.get(name);
  }

  set(name: string, value: Value, version: number): void {
    this.#keepOnlyAt(version);
    if (this.#values.size >= this.#countMax) this.#values.clear();
    this.#values.set(name, value);
  }

  #keepOnlyAt(version: number): void {
    if (this.#version === version) return;
    this.#values.clear();
    this.#version = version;
  }
}
