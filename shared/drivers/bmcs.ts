import type { Node } from '../node/node.ts';
import type { ExchangeReply } from '../run/run.ts';
import type { DriverRequest } from './driver.ts';
import type { Dialogue } from './redfish/dialogue.ts';
import type { RedfishSettings } from './redfish/settings.ts';

/** The BMCs of nodes, as runs and operators use them. */
export interface Bmcs {
  /** What a run asks. Never throws for what a BMC does: that is in the reply, with the BMC's name and what to do. */
  exchange(node: Node, request: DriverRequest): Promise<ExchangeReply>;
  /**
   * A piece of protocol for an operator who waits. Throws `InvalidInput` for what the BMC refuses, `Unavailable` where
   * it did not answer.
   */
  talk<T>(node: Node, dialogue: (settings: RedfishSettings) => Dialogue<T>): Promise<T>;
}
