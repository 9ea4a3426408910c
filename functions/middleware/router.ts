import { InvalidInput } from '../../shared/errors.ts';
import type { Route } from '../http.ts';

export type Match =
  | { kind: 'found'; route: Route; params: Record<string, string>; path: string; suffixDropped: boolean }
  | { kind: 'wrong-method'; path: string; allow: string[]; public: boolean }
  | { kind: 'none' };

interface Place {
  literals: Map<string, Place>;
  param?: Place;
  rest?: Place;
  byMethod: Map<string, Route>;
}
/** From this minor on `.json` is part of a name. */
const SUFFIX_KEPT_SINCE = 91;

export class Router {
  readonly #root: Place = emptyPlace();

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      let place = this.#root;
      for (const segment of segmentsOf(route.path)) place = child(place, segment);
      place.byMethod.set(route.method, route);
    }
  }

  /** `path` is still percent-encoded. Paths without `/v1` work the same; one trailing slash is ignored. */
  match(method: string, path: string, minor: number, keepSuffix = false): Match {
    const segments = segmentsOf(path).map(decode);
    const last = segments.at(-1);
    const drops = !keepSuffix && minor < SUFFIX_KEPT_SINCE && last !== undefined && /.\.json$/.test(last);
    const tried = drops ? [...segments.slice(0, -1), last.slice(0, -'.json'.length)] : segments;
    const full = nodeFirst(versioned(tried));
    const exact = find(this.#root, tried, 0);
    const [places, meant] = exact.length > 0 ? [exact, tried] : [find(this.#root, full, 0), full];
    const found = places.find(({ byMethod }) => byMethod.has(method)) ?? places[0];
    if (found === undefined) return { kind: 'none' };
    const get = found.byMethod.get('GET');
    // HEAD is GET without a body on the discovery documents, and not defined elsewhere.
    const route = found.byMethod.get(method) ?? (method === 'HEAD' && get?.role === 'public' ? get : undefined);
    if (route === undefined) {
      const allow = [...new Set(places.flatMap(({ byMethod }) => [...byMethod.keys()]))].sort();
      return { kind: 'wrong-method', path: `/${meant.join('/')}`, allow, public: get?.role === 'public' };
    }
    return { kind: 'found', route, params: params(route, meant), path: `/${meant.join('/')}`, suffixDropped: drops };
  }
}

/** Paths without `/v1` work the same, also below a join token. */
function versioned(segments: string[]): string[] {
  const joins = segments[0] === 'join' && segments.length > 1 ? 2 : 0;
  const [head, rest] = [segments.slice(0, joins), segments.slice(joins)];
  return rest.length === 0 || rest[0] === 'v1' ? segments : [...head, 'v1', ...rest];
}

/** Sub-resources of a node that Ironic also takes in front of the node: `/v1/nodes/states/console/<node>` (T10). */
const BEFORE_NODE = ['states', 'maintenance', 'management'];

function nodeFirst(segments: string[]): string[] {
  const [version, nodes, sub = '', ...rest] = segments;
  const node = rest.at(-1);
  if (version !== 'v1' || nodes !== 'nodes' || !BEFORE_NODE.includes(sub) || node === undefined) return segments;
  return [version, nodes, node, sub, ...rest.slice(0, -1)];
}

function emptyPlace(): Place {
  return { literals: new Map(), byMethod: new Map() };
}

function segmentsOf(path: string): string[] {
  const trimmed = path.replace(/^\//, '').replace(/\/$/, '');
  return trimmed === '' ? [] : trimmed.split('/');
}

function child(place: Place, segment: string): Place {
  if (segment.endsWith('+}')) {
    place.rest ??= emptyPlace();
    return place.rest;
  }
  if (segment.startsWith('{')) {
    place.param ??= emptyPlace();
    return place.param;
  }
  const known = place.literals.get(segment) ?? emptyPlace();
  place.literals.set(segment, known);
  return known;
}

/** Every place that the path may mean, the most literal one first. */
function find(place: Place, segments: readonly string[], at: number): Place[] {
  const segment = segments[at];
  if (segment === undefined) return place.byMethod.size > 0 ? [place] : [];
  const literal = place.literals.get(segment);
  return [
    ...(literal === undefined ? [] : find(literal, segments, at + 1)),
    ...(place.param === undefined || segment === '' ? [] : find(place.param, segments, at + 1)),
    ...(place.rest === undefined ? [] : [place.rest]),
  ];
}

function params(route: Route, segments: readonly string[]): Record<string, string> {
  const values: Record<string, string> = {};
  segmentsOf(route.path).forEach((segment, at) => {
    if (segment.endsWith('+}')) values[segment.slice(1, -2)] = segments.slice(at).join('/');
    else if (segment.startsWith('{')) values[segment.slice(1, -1)] = segments[at] ?? '';
  });
  return values;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    throw new InvalidInput('The path is not properly percent-encoded', { cause: error });
  }
}
