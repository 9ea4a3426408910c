import { maskedMedium } from '../../boot/medium-name.ts';
import type { Clock } from '../../clock.ts';
import { InvalidInput, NodelessError, Unavailable } from '../../errors.ts';
import type { Node } from '../../node/node.ts';
import type { SecretStore } from '../../node/node-store.ts';
import type { Reach } from '../../run/exchange-port.ts';
import type { ExchangeReply } from '../../run/run.ts';
import type { Bmcs } from '../bmcs.ts';
import type { DriverRequest } from '../driver.ts';
import { BmcFault, type Dialogue } from './dialogue.ts';
import { RedfishSession } from './redfish-session.ts';
import { dialogueOf } from './request-dialogue.ts';
import { type RedfishSettings, redfishSettings } from './settings.ts';

interface Given {
  reach: Pick<Reach, 'bmc'>;
  secrets: Pick<SecretStore, 'get'>;
  clock: Clock;
  patience?: { run: Patience; operator: Patience };
}

/** Seconds for one request, and for all requests of one question. */
interface Patience {
  each: number;
  all: number;
}
/** An operator's gateway waits 29 s. */
const PATIENCE = { run: { each: 20, all: 150 }, operator: { each: 10, all: 24 } };

export class RedfishBmcs implements Bmcs {
  readonly #given: Given;
  readonly #patience: NonNullable<Given['patience']>;
  /** Tokens of sessions, in this process only: at most one for a BMC's account, in no table, log or state input. */
  readonly #tokens = new Map<string, string>();

  constructor(given: Given) {
    this.#given = given;
    this.#patience = given.patience ?? PATIENCE;
  }

  async exchange(node: Node, request: DriverRequest): Promise<ExchangeReply> {
    try {
      return await this.#converse(
        node,
        (settings) => dialogueOf(node, request, settings),
        this.#patience.run,
        questionOf(node),
      );
    } catch (error) {
      if (error instanceof InvalidInput) return { kind: 'refused', status: 400, message: error.message };
      if (!(error instanceof BmcFault)) throw error;
      switch (error.kind) {
        case 'again':
          return { kind: 'unreachable', message: error.message };
        case 'refused':
          return { kind: 'refused', status: error.status, message: error.message };
        case 'pending':
          return { kind: 'pending' };
        case 'unsupported':
          return { kind: 'unsupported', message: error.message };
      }
    }
  }

  async talk<T>(node: Node, dialogue: (settings: RedfishSettings) => Dialogue<T>): Promise<T> {
    try {
      return await this.#converse(node, dialogue, this.#patience.operator);
    } catch (error) {
      if (error instanceof NodelessError || !(error instanceof BmcFault)) throw error;
      if (error.kind === 'refused' || error.kind === 'unsupported') throw new InvalidInput(error.message);
      throw new Unavailable(error.message, 5);
    }
  }

  async #converse<T>(
    node: Node,
    dialogue: (settings: RedfishSettings) => Dialogue<T>,
    seconds: Patience,
    question?: string,
  ): Promise<T> {
    const settings = redfishSettings(node.driver_info);
    const password = await this.#passwordOf(node);
    const { reach, clock } = this.#given;
    const until = clock.now() + seconds.all * 1000;
    const session = new RedfishSession({
      settings,
      password,
      reach,
      tokens: this.#tokens,
      ...(question !== undefined && { question }),
    });
    const steps = dialogue(settings);
    try {
      let step = steps.next();
      while (!step.done) {
        const left = Math.min(seconds.each, (until - clock.now()) / 1000);
        if (left <= 0) throw new BmcFault('again', `it took more than ${seconds.all} s in all`);
        step = steps.next(await session.send(step.value, left));
      }
      return step.value;
    } catch (error) {
      // Said once, here, and so in every message: which BMC it was. What it says may quote the address of a medium.
      if (error instanceof BmcFault)
        throw new BmcFault(error.kind, `BMC ${settings.origin}: ${maskedMedium(error.message)}`, error.status);
      throw error;
    }
  }

  async #passwordOf(node: Node): Promise<string> {
    if (!node.secret_keys.includes('redfish_password')) return '';
    const { redfish_password: password } = await this.#given.secrets.get(node.uuid);
    return typeof password === 'string' ? password : '';
  }
}

/** Where a run is: with the number of the exchange it names one, and no other. */
function questionOf({ run }: Node): string | undefined {
  if (run === null || run.ended !== null) return undefined;
  return [run.id, run.attempt, run.cursor, run.stage, run.tries].join('/');
}
