/** What backups are called where a directory takes many of them: by the second, in UTC, so that they sort by age. */
const NAME = /^freehold-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.db$/;

/** Of an instant in seconds since the Unix epoch. */
export function backupName(at: number): string {
  const text = new Date(at * 1_000).toISOString().replace(/\.\d+Z$/, 'Z');
  return `freehold-${text.replace(/[-:]/g, '')}.db`;
}

/** The instant that a name stands for; undefined for a name of another kind. */
export function instantOfName(name: string): number | undefined {
  const [, year, month, day, hour, minute, second] = NAME.exec(name) ?? [];
  if (year === undefined) return undefined;
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) / 1_000;
  // Such as for a thirteenth month.
  return Number.isNaN(at) || backupName(at) !== name ? undefined : at;
}
