/** For tests: the server's own description, as a judge of its answers. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

type Schema = Readonly<Record<string, unknown>>;

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}

export interface DescribedOperation {
  readonly operationId: string;
  /** By status; `default` is the envelope of a failure. */
  readonly responses: Readonly<Record<string, Content>>;
}

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
  readonly components: { readonly schemas: { readonly Failure: Schema } };
}

export class Description {
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #failure: ValidateFunction;
  readonly #answers: { method: string; path: RegExp; status: number; validate: ValidateFunction }[] = [];

  constructor({ paths, components }: OpenApi) {
    formats.default(this.#ajv);
    this.#failure = this.#ajv.compile(components.schemas.Failure);
    for (const [path, operations] of Object.entries(paths)) this.#addPath(path, operations);
  }

  /** What is wrong with a JSON answer by the schema of its route. */
  differences(method: string, target: string, status: number, body: unknown): readonly unknown[] {
    const path = target.split('?', 1)[0] ?? '';
    const described = this.#answers.find(
      answer => answer.method === method && answer.status === status && answer.path.test(path),
    );
    const validate = described?.validate ?? (status === 200 ? undefined : this.#failure);
    if (validate === undefined) return [`${method} ${path} is not described`];
    validate(body);
    return validate.errors ?? [];
  }

  #addPath(path: string, operations: Readonly<Record<string, DescribedOperation>>): void {
    const pattern = path.replace('{key_name}', '.+').replace(/\{\w+\}/g, '[^/]+');
    for (const [method, operation] of Object.entries(operations)) {
      for (const [status, { content }] of Object.entries(operation.responses)) {
        const schema = content?.['application/json']?.schema;
        if (status === 'default' || schema === undefined) continue;
        this.#answers.push({
          method: method.toUpperCase(),
          path: new RegExp(`^${pattern}/?$`, 's'),
          status: Number(status),
          validate: this.#ajv.compile(schema),
        });
      }
    }
  }
}
