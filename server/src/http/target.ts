/** The target of a request, brought into the form that is routed. */
import type { IncomingMessage } from 'node:http';
import { bindingTarget, withoutOrigin } from './binding/target.ts';

export interface Target {
  /** Not decoded. */
  readonly path: string;
  /** What follows the question mark; empty where nothing does. */
  readonly query: string;
}

export function readTarget(message: IncomingMessage): Target {
  const target = bindingTarget(message, withoutOrigin(message.url ?? ''));
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  return { path: path || '/', query: mark === -1 ? '' : target.slice(mark + 1) };
}
