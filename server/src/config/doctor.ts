/** What `freehold doctor` is told. */
import { read, readOrDefault, type Settings } from './settings.ts';

export interface DoctorConfig {
  readonly dataDirectory: string;
  readonly diskFreeBytesMin?: number;
}

/** Throws an `OperatorError` that names the flag or the variable. */
export function doctorConfig(settings: Settings): DoctorConfig {
  const diskFreeBytesMin = read(settings, 'diskFreeBytesMin')?.value;
  return {
    dataDirectory: readOrDefault(settings, 'dataDirectory'),
    ...(diskFreeBytesMin !== undefined && { diskFreeBytesMin }),
  };
}
