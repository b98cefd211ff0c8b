/** What a check of `freehold doctor` has found. */
export interface Finding {
  readonly level: 'ok' | 'skipped' | 'warning' | 'problem';
  /** How it is, on one line. */
  readonly text: string;
  /** What to do about it, where something is to be done. */
  readonly advice?: string;
}

export function ok(text: string): Finding {
  return { level: 'ok', text };
}

/** For what cannot be checked here or now. */
export function skipped(text: string): Finding {
  return { level: 'skipped', text };
}

/** For what works, and may not for long. */
export function warning(text: string, advice: string): Finding {
  return { level: 'warning', text, advice };
}

/** For what keeps a server from starting, from writing or from keeping what it wrote. */
export function problem(text: string, advice: string): Finding {
  return { level: 'problem', text, advice };
}
