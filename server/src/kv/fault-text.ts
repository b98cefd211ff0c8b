/** What a fault is called in answers. */
import { ERRORS, type Fault, shownKey } from './errors.ts';
import type { Operation } from './operation.ts';

/** The text of a fault as a client of the REST API sees it. */
export function faultText(fault: Fault, operation: Operation | undefined): string {
  return fillIn(ERRORS[fault.name].text, { ...fault, operation });
}

const MENTION_OF_OPERATION = /^\{operation\}: '(.*)'$/;

/** The same as a user of a KV binding sees it: bare of the operation, which the binding names itself. */
export function bareFaultText(fault: Fault): string {
  return fillIn(ERRORS[fault.name].text.replace(MENTION_OF_OPERATION, '$1'), fault);
}

type FaultDetails = Omit<Fault, 'name'> & { readonly operation?: Operation | undefined };

function fillIn(template: string, { parameters, item, operation }: FaultDetails): string {
  const text = template.replace(/\{(\w+)\}/g, (_, parameter: string) =>
    String(parameter === 'operation' ? operation : parameters[parameter]),
  );
  if (item === undefined) return text;
  const key = item.key === undefined ? '' : `, key ${JSON.stringify(shownKey(item.key))}`;
  return `${text} (item ${item.index}${key})`;
}
