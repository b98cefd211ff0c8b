/** JSON Schemas of what is asked for when pairs are cleared, copied or moved. */
import { ON_CONFLICT } from '../../kv/transfer-request.ts';
import type { Schema } from '../schemas.ts';

const id: Schema = { type: 'string', pattern: '^[0-9a-fA-F]{32}$' };
const flag: Schema = { type: 'boolean', default: false };
const dryRun: Schema = { ...flag, description: 'Whether to count only, and change nothing.' };

export const CLEAR: Schema = {
  type: 'object',
  required: ['prefix'],
  properties: {
    prefix: { type: 'string', description: 'Only keys that begin with it; an empty one stands for all.' },
    dry_run: dryRun,
  },
  additionalProperties: false,
};

const copyProperties: Readonly<Record<string, Schema>> = {
  to: {
    type: 'object',
    required: ['namespace_id'],
    properties: { account_id: { ...id, description: 'The account in the path unless given.' }, namespace_id: id },
    additionalProperties: false,
  },
  prefix: { type: 'string', default: '', description: 'Only keys that begin with it.' },
  to_prefix: { type: 'string', description: 'What keys have in place of it; they keep it unless this is given.' },
  on_conflict: {
    type: 'string',
    enum: ON_CONFLICT,
    default: ON_CONFLICT[0],
    description: 'What becomes of pairs whose keys are there already.',
  },
  move: { ...flag, description: 'Whether what was copied and has not changed since is removed where it was.' },
  dry_run: dryRun,
};

export const COPY: Schema = {
  type: 'object',
  required: ['to'],
  properties: copyProperties,
  additionalProperties: false,
};
