/** Arguments of an operator or action: mandatory ones first, in the order of their positions (agent-contract.md §4.7). */
export interface Operation {
  readonly mandatory: readonly string[];
  readonly optional: readonly string[];
  /** Arguments whose `{…}` are looked up. */
  readonly formatted: readonly string[];
}

const op = (mandatory: string, optional = '', formatted = mandatory): Operation => ({
  mandatory: mandatory.split(' '),
  optional: optional === '' ? [] : optional.split(' '),
  formatted: formatted === '' ? [] : formatted.split(' '),
});

export const CONDITIONS: Readonly<Record<string, Operation>> = {
  eq: op('values', 'force_strings'),
  lt: op('values', 'force_strings'),
  gt: op('values', 'force_strings'),
  'is-empty': op('value'),
  'is-none': op('value'),
  'is-true': op('value'),
  'is-false': op('value'),
  'in-net': op('address subnet'),
  matches: op('value regex', '', 'value'),
  contains: op('value regex', '', 'value'),
  'one-of': op('value values', '', 'value'),
};

/** What Ironic has and nothing here does, and why. */
export const REFUSED: Readonly<Record<string, string>> = {
  'api-call': 'no rule may call out of here: subscribe to the event of an inspection, or configure a hook, instead',
};

export const ACTIONS: Readonly<Record<string, Operation>> = {
  fail: op('msg', '', ''),
  log: op('msg', 'level'),
  'set-attribute': op('path value', '', 'value'),
  'extend-attribute': op('path value', 'unique', 'value'),
  'del-attribute': op('path', '', ''),
  'set-port-attribute': op('port_id path value', '', 'value'),
  'extend-port-attribute': op('port_id path value', 'unique', 'value'),
  'del-port-attribute': op('port_id path', '', ''),
  'set-capability': op('name value', '', 'value'),
  'unset-capability': op('name', '', ''),
  'add-trait': op('name', '', ''),
  'remove-trait': op('name', '', ''),
  'set-plugin-data': op('path value', '', 'value'),
  'extend-plugin-data': op('path value', 'unique', 'value'),
  'unset-plugin-data': op('path', '', ''),
};
