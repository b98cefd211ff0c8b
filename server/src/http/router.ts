/** Takes a method and a path to their route. */
import type { Route } from './route.ts';

/** Where a path leads. */
export interface Match {
  /** What the method does there; undefined where the path is known and the method is not. */
  readonly route: Route | undefined;
  /** All that is done there, whatever the method; never empty. */
  readonly routes: readonly Route[];
  /** What stands in the path for the names of its pattern; a rest as it was sent, all else decoded. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** One segment of the patterns. */
interface Node {
  readonly literals: Map<string, Node>;
  parameter?: { readonly name: string; readonly node: Node };
  /** What ends here. */
  routes: Route[];
  /** What takes all that follows, slashes too. */
  rest?: { readonly name: string; readonly routes: Route[] };
}

export class Router {
  readonly #root = newNode();

  /** A pattern is made of literal segments, `:name` for any one segment and, at its end, `*name` for all that follows. */
  constructor(routes: readonly Route[]) {
    for (const route of routes) addRoute(this.#root, route);
  }

  /** Undefined where no method leads anywhere. A slash at the end makes no difference, except in a rest. */
  find(method: string, path: string): Match | undefined {
    if (!path.startsWith('/')) return undefined;
    const parameters: Record<string, string> = {};
    let node = this.#root;
    let rest: { readonly routes: readonly Route[]; readonly parameters: Record<string, string> } | undefined;
    for (let start = 1; start <= path.length; ) {
      if (node.rest !== undefined && start < path.length) {
        rest = { routes: node.rest.routes, parameters: { ...parameters, [node.rest.name]: path.slice(start) } };
      }
      const slash = path.indexOf('/', start);
      const end = slash === -1 ? path.length : slash;
      const segment = path.slice(start, end);
      if (segment === '' && end === path.length && node.routes.length > 0) break;
      const next = step(node, segment, parameters);
      if (next === undefined) return choose(method, [], parameters, rest);
      node = next;
      start = end + 1;
    }
    return choose(method, node.routes, parameters, rest);
  }
}

function newNode(): Node {
  return { literals: new Map(), routes: [] };
}

function addRoute(root: Node, route: Route): void {
  let node = root;
  for (const segment of route.path.slice(1).split('/').filter(Boolean)) {
    if (segment.startsWith('*')) {
      node.rest ??= { name: segment.slice(1), routes: [] };
      node.rest.routes.push(route);
      return;
    }
    node = segment.startsWith(':') ? parameterOf(node, segment.slice(1)) : literalOf(node, segment);
  }
  node.routes.push(route);
}

function literalOf({ literals }: Node, segment: string): Node {
  const node = literals.get(segment) ?? newNode();
  literals.set(segment, node);
  return node;
}

function parameterOf(node: Node, name: string): Node {
  node.parameter ??= { name, node: newNode() };
  return node.parameter.node;
}

function step(node: Node, segment: string, parameters: Record<string, string>): Node | undefined {
  const literal = node.literals.get(segment);
  if (literal !== undefined || node.parameter === undefined) return literal;
  const value = segment.includes('%') ? decode(segment) : segment;
  if (value === undefined) return undefined;
  parameters[node.parameter.name] = value;
  return node.parameter.node;
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** What ends at the path goes before what takes it for a rest. */
function choose(
  method: string,
  routes: readonly Route[],
  parameters: Record<string, string>,
  rest: Pick<Match, 'routes' | 'parameters'> | undefined,
): Match | undefined {
  const route = routeFor(method, routes);
  if (route !== undefined || rest === undefined) {
    return routes.length === 0 ? undefined : { route, routes, parameters };
  }
  return { route: routeFor(method, rest.routes), routes: [...rest.routes, ...routes], parameters: rest.parameters };
}

/** Who asks for the head is answered as for the whole; Node leaves the body out. */
function routeFor(method: string, routes: readonly Route[]): Route | undefined {
  const asked = method === 'HEAD' ? 'GET' : method;
  return routes.find(route => route.method === asked);
}
