import { AgentClient } from './agent-client.ts';
import { SmallServer } from './small-server.ts';
import type { MachineEvent, MachineOptions } from './types.ts';
import { VirtualMachine } from './virtual-machine.ts';

/** One machine and its small server, for a test. */
export interface Bench {
  readonly server: SmallServer;
  readonly machine: VirtualMachine;
  readonly events: MachineEvent[];
  readonly until: (what: string, test: () => boolean) => Promise<void>;
  /** Waits for so many heartbeats, then a client of the agent that sent the last one. */
  readonly client: (beats?: number) => Promise<AgentClient>;
  /** After `forgetToken`: a client of the agent that has the new one. A beat of the old one may still be on its way. */
  readonly nextClient: () => Promise<AgentClient>;
  readonly close: () => Promise<void>;
}

export async function bench(options: Partial<MachineOptions> = {}): Promise<Bench> {
  const server = new SmallServer();
  const apiUrl = await server.listen();
  const events: MachineEvent[] = [];
  const machine = new VirtualMachine({
    apiUrl,
    macs: ['52:54:00:00:00:01', 'fa:16:3e:00:00:01', '52:54:00:00:00:02'],
    timeScale: 100,
    onEvent: (event) => events.push(event),
    ...options,
  });
  return {
    server,
    machine,
    events,
    until,
    client: async (beats = 1) => {
      await until('heartbeat', () => server.beats.length >= beats);
      return new AgentClient(server.beats.at(-1) ?? {});
    },
    nextClient: async () => {
      const own = () => server.beats.find(({ agent_token }) => agent_token === server.token);
      await until('heartbeat of the next agent', () => own() !== undefined);
      return new AgentClient(own() ?? {});
    },
    close: async () => {
      await machine.close();
      await server.close();
    },
  };
}

export async function until(what: string, test: () => boolean): Promise<void> {
  const end = performance.now() + 60_000;
  while (!test()) {
    if (performance.now() > end) throw new Error(`waited in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
