import definition from '../../infra/workflows/run.asl.json' with { type: 'json' };

/** Task states without a file in functions/workflow, and files there without a state. */
export function unpairedStates(tracked: readonly string[]): string[] {
  const tasks = Object.entries(definition.States)
    .filter(([, state]) => state.Type === 'Task')
    .map(([name]) => `functions/workflow/${kebab(name)}.ts`);
  const files = tracked.filter((path) => /^functions\/workflow\/[^/]+\.ts$/.test(path));
  return [...tasks.filter((path) => !files.includes(path)), ...files.filter((path) => !tasks.includes(path))];
}

function kebab(name: string): string {
  return name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase();
}
