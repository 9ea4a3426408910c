import type { Answer, Json } from './normalise.ts';

/** `at`: `status`, `header location`, `body.nodes[0].name`. Undefined = not there. */
export interface Difference {
  at: string;
  ironic: Json | undefined;
  nodeless: Json | undefined;
}

/** A different status says it all: the bodies are then compared no further. */
export function differences(ironic: Answer, nodeless: Answer): Difference[] {
  if (ironic.status !== nodeless.status) {
    return [{ at: 'status', ironic: ironic.status, nodeless: nodeless.status }];
  }
  return [...inside('header ', ironic.headers, nodeless.headers, ''), ...between('body', ironic.body, nodeless.body)];
}

function between(at: string, ironic: Json | undefined, nodeless: Json | undefined): Difference[] {
  if (Array.isArray(ironic) && Array.isArray(nodeless)) {
    const length = Math.max(ironic.length, nodeless.length);
    return Array.from({ length }, (_, i) => between(`${at}[${i}]`, ironic[i], nodeless[i])).flat();
  }
  if (isObject(ironic) && isObject(nodeless)) return inside(at, ironic, nodeless, '.');
  return ironic === nodeless ? [] : [{ at, ironic, nodeless }];
}

function inside(at: string, ironic: { [key: string]: Json }, nodeless: { [key: string]: Json }, joint: string) {
  const keys = new Set([...Object.keys(ironic), ...Object.keys(nodeless)]);
  return [...keys].flatMap((key) => between(`${at}${joint}${key}`, ironic[key], nodeless[key]));
}

function isObject(json: Json | undefined): json is { [key: string]: Json } {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
