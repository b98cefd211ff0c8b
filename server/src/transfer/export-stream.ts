/** The pairs or keys of a namespace as a server exports them: as of one instant, a line each. */
import type { ApiClient } from '../remote/api-client.ts';
import { freeholdPath, type RemoteNamespace } from '../remote/namespaces.ts';
import { RemoteError } from '../remote/remote-error.ts';
import { countLines, ExportCutOff } from './export-format.ts';

export interface ExportSelection {
  readonly show: 'pairs' | 'keys';
  readonly prefix?: string | undefined;
  /** Only what comes after this key. */
  readonly after?: string | undefined;
  /** Conditions on metadata, all of which have to hold. */
  readonly where?: readonly string[] | undefined;
}

/** Whole lines. `tell` is told how many end in each piece. Throws `ExportCutOff` where it breaks off. */
export async function* exportLines(
  api: ApiClient,
  namespace: RemoteNamespace,
  { show, prefix, after, where }: ExportSelection,
  tell: (lines: number) => void,
): AsyncGenerator<Uint8Array> {
  const query = { show, prefix, after, where };
  const { body } = await api.send({ method: 'GET', path: `${freeholdPath(namespace)}/export`, query });
  try {
    yield* countLines(body, tell);
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    throw new ExportCutOff(`the export of ${namespace.id} was cut off: ${error.reason}`, { cause: error });
  }
}
