/** For tests: the server's own description, as a judge of its answers. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

type Schema = Readonly<Record<string, unknown>>;

interface Content {
  readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
}

export interface DescribedOperation {
  readonly operationId: string;
  readonly responses: { readonly 200: Content };
}

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
  readonly components: { readonly schemas: { readonly Failure: Schema } };
}

export class Description {
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #failure: ValidateFunction;
  readonly #successes: { method: string; path: RegExp; validate: ValidateFunction }[] = [];

  constructor({ paths, components }: OpenApi) {
    formats.default(this.#ajv);
    this.#failure = this.#ajv.compile(components.schemas.Failure);
    for (const [path, operations] of Object.entries(paths)) this.#addPath(path, operations);
  }

  /** What is wrong with a JSON answer by the schema of its route. */
  differences(method: string, target: string, status: number, body: unknown): readonly unknown[] {
    const path = target.split('?', 1)[0] ?? '';
    const validate = status === 200 ? this.#successOf(method, path) : this.#failureOf(path);
    if (validate === undefined) return [`${method} ${path} is not described`];
    validate(body);
    return validate.errors ?? [];
  }

  #addPath(path: string, operations: Readonly<Record<string, DescribedOperation>>): void {
    const pattern = path.replace('{key_name}', '.+').replace(/\{\w+\}/g, '[^/]+');
    for (const [method, operation] of Object.entries(operations)) {
      const schema = operation.responses[200].content['application/json']?.schema;
      if (schema === undefined) continue;
      const validate = this.#ajv.compile(schema);
      this.#successes.push({ method: method.toUpperCase(), path: new RegExp(`^${pattern}/?$`, 's'), validate });
    }
  }

  #successOf(method: string, path: string): ValidateFunction | undefined {
    return this.#successes.find(success => success.method === method && success.path.test(path))?.validate;
  }

  /** Readiness has an answer of its own for both states. */
  #failureOf(path: string): ValidateFunction | undefined {
    return path === '/readyz' ? this.#successOf('GET', path) : this.#failure;
  }
}
