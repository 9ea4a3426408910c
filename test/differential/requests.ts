import type { Scenario } from './request.ts';
import { MANAGEMENT } from './scenarios/management.ts';
import { NETWORK } from './scenarios/network.ts';
import { NODES } from './scenarios/nodes.ts';
import { PROTOCOL } from './scenarios/protocol.ts';
import { RESOURCES } from './scenarios/resources.ts';
import { STATES_AND_VERBS } from './scenarios/states.ts';

/** The request list that a real Ironic and Nodeless both answer. */
export const SCENARIOS: readonly Scenario[] = [
  ...PROTOCOL,
  ...NODES,
  ...NETWORK,
  ...RESOURCES,
  ...STATES_AND_VERBS,
  ...MANAGEMENT,
];
