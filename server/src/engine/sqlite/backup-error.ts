/** Why a backup could not be made, verified or restored; the message is for whoever asked for it. */
export class BackupError extends Error {
  override name = 'BackupError';
}
