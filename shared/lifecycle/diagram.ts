import { STATES } from './states.ts';
import { TRANSITIONS } from './transitions.ts';

const idOf = (state: string): string => state.replaceAll(/[ -]/g, '_');

/** The table as a Mermaid diagram; the README of this folder holds a copy that a test compares. */
export function diagram(): string {
  const names = STATES.filter(({ name }) => idOf(name) !== name).map(
    ({ name }) => `  state "${name}" as ${idOf(name)}`,
  );
  const arrows = new Map<string, string[]>();
  for (const { from, to, event, by } of TRANSITIONS) {
    const arrow = `${idOf(from)} --> ${idOf(to)}`;
    arrows.set(arrow, [...(arrows.get(arrow) ?? []), by === 'run' ? `(${event})` : event]);
  }
  const lines = [...arrows].map(([arrow, events]) => `  ${arrow}: ${events.join(', ')}`);
  return ['stateDiagram-v2', ...names, ...lines].join('\n');
}

if (import.meta.main) console.log(diagram());
