import { randomUUID } from 'node:crypto';
import type { MachineBody } from './body.ts';
import { Ended } from './clock.ts';
import type { Command } from './commands.ts';
import { AgentError, executionError, PlainError, Refusal } from './faults.ts';
import type { Json, SeenCommand } from './types.ts';

export type CommandStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CLEAN_VERSION_MISMATCH';

export interface CommandEntry {
  readonly id: string;
  readonly name: string;
  readonly params: Json;
  status: CommandStatus;
  error: AgentError | null;
  result: unknown;
  /** The class of a plain exception in a sync command; the list cannot be rendered any more. */
  poison?: string;
  done: Promise<void>;
}

export interface ListOptions {
  readonly body: MachineBody;
  readonly catalogue: Record<string, Record<string, Command>>;
  readonly legacy: boolean;
  readonly onStart: (seen: SeenCommand) => void;
  readonly onEnd: (entry: CommandEntry) => void;
}

/** All commands since the agent started, one at a time. */
export class CommandList {
  readonly entries: CommandEntry[] = [];
  readonly #options: ListOptions;

  constructor(options: ListOptions) {
    this.#options = options;
  }

  get(id: string): CommandEntry {
    const entry = this.entries.find((candidate) => candidate.id === id);
    if (!entry) throw new Refusal(404, `Not found: Command Result with id ${id} not found.`);
    return entry;
  }

  start(name: string, params: Json): CommandEntry {
    const dot = name.indexOf('.');
    if (dot < 0) throw new Refusal(400, 'Invalid command: Command name must be of the form <extension>.<name>');
    this.#refuseWhenBusy();
    const [extension, short] = [name.slice(0, dot), name.slice(dot + 1)];
    const { catalogue } = this.#options;
    const commands = Object.hasOwn(catalogue, extension) ? catalogue[extension] : undefined;
    if (!commands) throw noExtension(extension);
    const command = Object.hasOwn(commands, short) ? commands[short] : undefined;
    if (!command) throw new Refusal(400, `Invalid command: Unknown command: ${short}`);
    try {
      command.validate?.(params);
    } catch (error) {
      throw new Refusal(400, (error as Error).message);
    }
    this.#options.onStart({ name, params, at: Date.now() });
    const entry =
      command.mode === 'sync'
        ? this.#runSync(extension, name, short, params, command)
        : this.#runAsync(short, params, command);
    this.entries.push(entry);
    return entry;
  }

  #refuseWhenBusy(): void {
    const last = this.entries.at(-1);
    if (last?.status !== 'RUNNING') return;
    // Old agents had no own status for this; clients know them by the text
    if (this.#options.legacy) throw new Refusal(500, 'Command execution failed: agent is busy');
    throw new Refusal(409, `Agent is busy: executing command ${last.name}`);
  }

  #runSync(extension: string, full: string, short: string, params: Json, command: Command): CommandEntry {
    const entry = newEntry(short, params);
    try {
      checkArguments(short, params, command);
      entry.result = wrapped(command.run(this.#options.body, params), '');
      entry.status = 'SUCCEEDED';
    } catch (error) {
      if (error instanceof PlainError && error.kind === 'KeyError') throw noExtension(extension);
      if (error instanceof AgentError && error.code === 400) throw new Refusal(400, error.message);
      // Only here the name keeps its extension
      const failed: CommandEntry = { ...entry, name: full, status: 'FAILED' };
      if (error instanceof AgentError) failed.error = error;
      else failed.poison = error instanceof PlainError ? error.kind : 'Exception';
      this.#options.onEnd(failed);
      return failed;
    }
    this.#options.onEnd(entry);
    return entry;
  }

  #runAsync(short: string, params: Json, command: Command): CommandEntry {
    const entry = newEntry(short, params);
    const work = async () => {
      checkArguments(short, params, command);
      return command.run(this.#options.body, params);
    };
    entry.done = work().then(
      (result) => {
        entry.result = wrapped(result, `${short}: `);
        entry.status = 'SUCCEEDED';
        this.#options.onEnd(entry);
      },
      (error: unknown) => {
        if (error instanceof Ended) return;
        entry.error = error instanceof AgentError ? error : executionError((error as Error).message);
        entry.status = entry.error.type === 'VersionMismatch' ? 'CLEAN_VERSION_MISMATCH' : 'FAILED';
        this.#options.onEnd(entry);
      },
    );
    return entry;
  }
}

function newEntry(name: string, params: Json): CommandEntry {
  const id = randomUUID();
  return { id, name, params, status: 'RUNNING', error: null, result: null, done: Promise.resolve() };
}

function noExtension(extension: string): Refusal {
  return new Refusal(404, `Not found: Extension with id ${extension} not found.`);
}

function wrapped(result: unknown, prefix: string): unknown {
  return typeof result === 'string' ? { result: prefix + result } : (result ?? null);
}

function checkArguments(name: string, params: Json, command: Command): void {
  const known = [...command.required, ...command.optional];
  const stray = command.open ? undefined : Object.keys(params).find((key) => !known.includes(key));
  if (stray !== undefined) throw new PlainError('TypeError', `${name}() got an unexpected keyword argument '${stray}'`);
  const missing = command.required.filter((key) => !(key in params));
  if (missing.length > 0)
    throw new PlainError('TypeError', `${name}() missing required positional arguments: ${missing.join(', ')}`);
}
