import { isIP } from 'node:net';
import { isNeverReached } from '../../address/never-reached.ts';
import { InvalidInput } from '../../errors.ts';
import type { JsonObject, JsonValue } from '../../json.ts';
import type { BmcExchange } from '../../run/exchange-port.ts';

/** What `driver_info` says of a BMC, checked. The password is not here: it stays in the secrets table. */
export interface RedfishSettings {
  /** Scheme, host and port. */
  origin: string;
  /** `/redfish/v1/Systems/1`; null = the only one that the BMC has. */
  systemPath: string | null;
  username: string | null;
  authType: 'basic' | 'session' | 'auto';
  trust: BmcExchange['trust'];
}

/** Keys of `driver_info`, as Ironic names them, for `GET /v1/drivers/redfish/properties`. */
export const REDFISH_PROPERTIES: Readonly<Record<string, string>> = {
  redfish_address:
    'URL of the BMC: scheme and host, port where it is not the usual one. https:// where no scheme is given. Required.',
  redfish_system_id:
    'Path of the ComputerSystem, for example /redfish/v1/Systems/1. Required where the BMC has more than one system.',
  redfish_username: 'Account with administrator rights. Required in most cases.',
  redfish_password: 'Its password. Kept apart from the node, never shown. Required in most cases.',
  redfish_verify_ca:
    'True (default): the certificate must come from a public authority. False: any will do. Or the PEM text of the authority, or of the certificate itself, that the BMC has. Paths are not known here.',
  redfish_auth_type:
    "'basic', 'session', or 'auto' (default): basic with every exchange, a session where the BMC refuses that.",
  deploy_iso:
    "URL of an agent ISO for boot_interface redfish-virtual-media or redfish-https; the BMC, or the machine's firmware, must reach it. '{node}' in it becomes the uuid of the node.",
};

const AUTH_TYPES = ['basic', 'session', 'auto'] as const;
const PEM = /^\s*-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----\s*$/;
const SYSTEM_PATH = /^\/redfish\/[\w.~%@:+=,()'/-]+$/;

/** Throws `InvalidInput` with what is missing or wrong, in words for the person who wrote it. */
export function redfishSettings(info: JsonObject): RedfishSettings {
  const missing = ['redfish_address'].filter((key) => info[key] === undefined || info[key] === '');
  if (missing.length > 0) {
    throw new InvalidInput(
      `Missing the following Redfish properties in node's driver_info: ['${missing.join("', '")}']`,
    );
  }
  return {
    origin: originOf(info.redfish_address),
    systemPath: systemPathOf(info.redfish_system_id),
    username: textOf(info.redfish_username, 'redfish_username'),
    authType: authTypeOf(info.redfish_auth_type),
    trust: trustOf(info.redfish_verify_ca),
  };
}

function originOf(value: JsonValue | undefined): string {
  const wrong = (why: string) => new InvalidInput(`Invalid Redfish address in driver_info/redfish_address: ${why}`);
  if (typeof value !== 'string' || /[\s\\]/.test(value)) throw wrong('it must be https://<host>[:port]');
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `https://${value}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined;
  if (!url || url.hostname === '') throw wrong('it must be https://<host>[:port]');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw wrong('its scheme must be https or http');
  if (url.username !== '' || url.password !== '') {
    throw wrong('credentials do not belong there; use redfish_username and redfish_password');
  }
  if (!/^\/(redfish(\/v1)?\/?)?$/.test(url.pathname) || url.search !== '' || url.hash !== '') {
    throw wrong('only scheme, host and port belong there; the path of the system goes into redfish_system_id');
  }
  // `URL` has turned decimal, octal and hexadecimal spellings into the usual one by now.
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && isNeverReached(host)) throw wrong('no BMC is reached at such an address');
  return url.origin;
}

function systemPathOf(value: JsonValue | undefined): string | null {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value === 'string' && SYSTEM_PATH.test(value) && !/(^|\/)\.{1,2}(\/|$)/.test(value)) {
    return value.replace(/\/$/, '');
  }
  throw new InvalidInput(
    'Invalid driver_info/redfish_system_id: it must be the path of a system, for example /redfish/v1/Systems/1',
  );
}

function textOf(value: JsonValue | undefined, key: string): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' && value !== '') return value;
  throw new InvalidInput(`Invalid driver_info/${key}: it must be text`);
}

function authTypeOf(value: JsonValue | undefined): RedfishSettings['authType'] {
  const type = AUTH_TYPES.find((one) => one === (value ?? 'auto'));
  if (type) return type;
  throw new InvalidInput(`Invalid driver_info/redfish_auth_type: the value must be one of ${AUTH_TYPES.join(', ')}`);
}

const WORDS: Readonly<Record<string, BmcExchange['trust']>> = {
  true: 'public',
  yes: 'public',
  on: 'public',
  '1': 'public',
  false: 'anyone',
  no: 'anyone',
  off: 'anyone',
  '0': 'anyone',
};

function trustOf(value: JsonValue | undefined): BmcExchange['trust'] {
  if (value === undefined || value === null) return 'public';
  const text = String(value);
  const word = Object.hasOwn(WORDS, text.toLowerCase()) ? WORDS[text.toLowerCase()] : undefined;
  if (word) return word;
  if (PEM.test(text)) return { ca: text };
  throw new InvalidInput(
    'Invalid driver_info/redfish_verify_ca: give true, false, or the PEM text of the certificate; ' +
      'a path means nothing here, because no server has such a file',
  );
}
