/** Paging by number, as Cloudflare lists namespaces, accounts and memberships. */
import { fault } from '../kv/errors.ts';
import { LIMITS } from '../kv/limits.ts';
import { integerParameter } from './query.ts';

export const pageParameter = integerParameter({
  description: 'Which page, from 1. A page past the last one is empty.',
  minimum: 1,
  default: 1,
  notInteger: fault('pageInvalid'),
});

export const perPageParameter = integerParameter({
  description: 'How many a page.',
  minimum: 1,
  maximum: LIMITS.listNamespacesMax,
  default: LIMITS.listNamespacesDefault,
  notInteger: fault('perPageInvalid', { limit: LIMITS.listNamespacesMax }),
});

export interface Page {
  readonly count: number;
  readonly page: number;
  readonly perPage: number;
  readonly total: number;
}

/** `result_info` of a page. */
export function pageInfo({ count, page, perPage, total }: Page): object {
  return { count, page, per_page: perPage, total_count: total, total_pages: Math.ceil(total / perPage) };
}
