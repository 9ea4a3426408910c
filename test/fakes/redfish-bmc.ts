import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { RedfishBios } from './redfish-bios.ts';

/** What may be wrong with a BMC. Switched on with `fail`, for so many requests or until `heal`. */
export type Fault =
  /** Takes the connection and does not answer. */
  | 'silent'
  /** Answers every reset with 204 and does nothing. */
  | 'lies-about-power'
  /** Forgets its sessions: 401 until somebody logs in again. */
  | 'loses-session'
  /** A login page with status 200. */
  | 'answers-html'
  | 'unavailable'
  | 'redirects'
  | 'closes-connection'
  | 'garbage'
  | 'endless'
  /** An operating system that ignores the button. */
  | 'ignores-shutdown'
  | 'reset-refused'
  /** Refuses basic, and has sessions. */
  | 'no-basic'
  | 'stale-etag'
  /** Has a reason against each BIOS setting. */
  | 'refuses-settings'
  /** Takes BIOS settings and goes on with the old ones. */
  | 'ignores-settings'
  /** Links to BIOS settings that it does not have. */
  | 'bios-not-there';

export interface Asked {
  method: string;
  path: string;
  body: Record<string, unknown>;
  headers: IncomingMessage['headers'];
}

const USER = 'admin';
export const BMC_PASSWORD = 'correct-horse-battery';
const SYSTEM = '/redfish/v1/Systems/1';
const MANAGER = '/redfish/v1/Managers/1';
const CHASSIS = '/redfish/v1/Chassis/1U';

/** One machine's BMC on a real socket: Redfish as far as the driver uses it, and what is wrong with real ones. */
export class RedfishBmc {
  power: 'On' | 'Off' = 'Off';
  boot = {
    BootSourceOverrideTarget: 'None',
    BootSourceOverrideEnabled: 'Disabled',
    BootSourceOverrideMode: 'UEFI',
    'BootSourceOverrideTarget@Redfish.AllowableValues': ['None', 'Pxe', 'Hdd', 'Cd', 'BiosSetup', 'UefiHttp'],
    /** Undefined: this BMC takes no address. */
    HttpBootUri: null as string | null | undefined,
  };
  readonly bios = new RedfishBios();
  secureBoot = false;
  medium: string | null = null;
  /** A stick beside the CD; undefined: this BMC has no such slot. */
  stick: string | null | undefined;
  serial = 'FBK0001';
  biosVersion = '2.7.1';
  uuid = '38947555-7742-3448-3784-823347823834';
  /** Lamp of the system, and the newer one of its chassis. */
  led = 'Off';
  located = false;
  /** Before every answer. */
  latencyMs = 0;
  /** The power switch of a machine that takes its time: it sets `power` itself. */
  onReset: ((type: string) => void) | undefined;
  readonly asked: Asked[] = [];
  readonly sessions = new Set<string>();
  readonly subscriptions = new Map<string, Record<string, unknown>>();
  readonly #faults = new Map<Fault, number>();
  readonly #server: Server;
  url = '';

  constructor(tls?: { key: string; cert: string }) {
    const serve = (request: IncomingMessage, response: ServerResponse) => void this.#serve(request, response);
    this.#server = tls ? createTlsServer(tls, serve) : createServer(serve);
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const { port } = this.#server.address() as AddressInfo;
    this.url = `${'setSecureContext' in this.#server ? 'https' : 'http'}://127.0.0.1:${port}`;
    return this;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  fail(fault: Fault, times = Number.POSITIVE_INFINITY): void {
    this.#faults.set(fault, times);
  }

  heal(): void {
    this.#faults.clear();
  }

  /** `POST /redfish/v1/Systems/1/Actions/ComputerSystem.Reset` */
  asks(): string[] {
    return this.asked.map(({ method, path }) => `${method} ${path}`);
  }

  resets(): unknown[] {
    return this.asked.filter(({ path }) => path.endsWith('.Reset')).map(({ body }) => body['ResetType']);
  }

  /** Whether it happens now; counts down. */
  #has(fault: Fault): boolean {
    const left = this.#faults.get(fault) ?? 0;
    if (left <= 0) return false;
    this.#faults.set(fault, left - 1);
    return true;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const path = (request.url ?? '').replace(/\/$/, '');
    const asked: Asked = {
      method: request.method ?? '',
      path,
      body: text === '' ? {} : JSON.parse(text),
      headers: request.headers,
    };
    this.asked.push(asked);
    if (this.latencyMs > 0) await sleep(this.latencyMs);
    if (this.#has('silent')) return;
    if (this.#has('closes-connection')) return void request.socket.destroy();
    if (this.#has('answers-html'))
      return send(response, 200, '<html><title>Please log in</title></html>', {}, 'text/html');
    if (this.#has('garbage')) return send(response, 200, '{"PowerState": ');
    if (this.#has('endless')) return void response.writeHead(200).end(`"${'x'.repeat(5 * 1024 * 1024)}"`);
    if (this.#has('unavailable')) return send(response, 503, '<h1>Service Unavailable</h1>', {}, 'text/html');
    if (this.#has('redirects')) return send(response, 302, '', { location: 'http://169.254.169.254/latest/meta-data' });
    if (this.#has('loses-session')) this.sessions.clear();
    const [status, body, headers] = this.#answer(asked);
    send(response, status, body === undefined ? '' : JSON.stringify(body), headers);
  }

  #answer(asked: Asked): [number, unknown?, Record<string, string>?] {
    const { method, path, body } = asked;
    if (path === '/redfish/v1/SessionService/Sessions' && method === 'POST') return this.#logIn(body);
    if (!this.#knows(asked)) return [401, refusal('Credentials are not accepted')];
    if (path === '/redfish/v1/Systems') return [200, { Members: [{ '@odata.id': SYSTEM }] }];
    if (path.startsWith('/redfish/v1/EventService/Subscriptions')) return this.#subscription(asked);
    switch (`${method} ${path}`) {
      case `GET ${SYSTEM}`:
        return [200, this.#system(), { etag: 'W/"1"' }];
      case `PATCH ${SYSTEM}`:
        if (asked.headers['if-match'] !== undefined && this.#has('stale-etag')) return [412, refusal('Wrong version')];
        Object.assign(this.boot, body['Boot']);
        if (typeof body['IndicatorLED'] === 'string') this.led = body['IndicatorLED'];
        return [204];
      case `PATCH ${CHASSIS}`:
        this.located = body['LocationIndicatorActive'] === true;
        return [204];
      case `POST ${SYSTEM}/Actions/ComputerSystem.Reset`:
        return this.#reset(String(body['ResetType']));
      case `GET ${SYSTEM}/SecureBoot`:
        return [200, { '@odata.id': path, SecureBootEnable: this.secureBoot }];
      case `PATCH ${SYSTEM}/SecureBoot`:
        this.secureBoot = body['SecureBootEnable'] === true;
        return [204];
      case `GET ${SYSTEM}/Bios`:
        return this.#has('bios-not-there') ? [501, refusal('Not implemented')] : this.#read(path);
      case `PATCH ${SYSTEM}/Bios/Settings`:
        if (this.#has('refuses-settings')) return [400, refusal('BootMode does not take the value Nonsense')];
        if (!this.#has('ignores-settings')) Object.assign(this.bios.waiting, body['Attributes']);
        return [204];
      case `POST ${SYSTEM}/Bios/Actions/Bios.ResetBios`:
        this.bios.reset();
        return [204];
      case `GET ${MANAGER}`:
        return [
          200,
          { '@odata.id': MANAGER, FirmwareVersion: '6.10', VirtualMedia: { '@odata.id': `${MANAGER}/VirtualMedia` } },
        ];
      case `POST ${MANAGER}/VirtualMedia/Cd/Actions/VirtualMedia.InsertMedia`:
        this.medium = String(body['Image']);
        return [204];
      case `POST ${MANAGER}/VirtualMedia/Cd/Actions/VirtualMedia.EjectMedia`:
        this.medium = null;
        return [204];
      case `POST ${MANAGER}/VirtualMedia/Stick/Actions/VirtualMedia.InsertMedia`:
        this.stick = String(body['Image']);
        return [204];
      case `POST ${MANAGER}/VirtualMedia/Stick/Actions/VirtualMedia.EjectMedia`:
        this.stick = null;
        return [204];
      default:
        return this.#read(path);
    }
  }

  #read(path: string): [number, unknown] {
    const found: Record<string, unknown> = {
      [`${MANAGER}/VirtualMedia`]: {
        Members: ['Cd', ...(this.stick === undefined ? [] : ['Stick'])].map((slot) => ({
          '@odata.id': `${MANAGER}/VirtualMedia/${slot}`,
        })),
      },
      [`${MANAGER}/VirtualMedia/Cd`]: slotOf('Cd', ['CD', 'DVD'], this.medium),
      ...(this.stick !== undefined && {
        [`${MANAGER}/VirtualMedia/Stick`]: slotOf('Stick', ['USBStick'], this.stick),
      }),
      [`${SYSTEM}/EthernetInterfaces`]: {
        Members: [1, 2, 3].map((n) => ({ '@odata.id': `${SYSTEM}/EthernetInterfaces/${n}` })),
      },
      [`${SYSTEM}/EthernetInterfaces/1`]: { Id: 'NIC1', MACAddress: '52-54-00-AA-00-01', LinkStatus: 'LinkUp' },
      [`${SYSTEM}/EthernetInterfaces/2`]: { Id: 'NIC2', MACAddress: '52:54:00:aa:00:02', SpeedMbps: 25_000 },
      [`${SYSTEM}/Storage`]: { Members: [{ '@odata.id': `${SYSTEM}/Storage/1` }] },
      [`${SYSTEM}/Storage/1`]: { Drives: [{ '@odata.id': `${SYSTEM}/Storage/1/Drives/1` }] },
      [`${SYSTEM}/Storage/1/Drives/1`]: { Name: 'Disk 1', CapacityBytes: 480 * 2 ** 30, MediaType: 'SSD' },
      ...this.bios.read(`${SYSTEM}/Bios`),
      [CHASSIS]: { '@odata.id': CHASSIS, Id: '1U', LocationIndicatorActive: this.located },
      [`${SYSTEM}/Processors`]: { Members: [{ '@odata.id': `${SYSTEM}/Processors/1` }] },
      [`${SYSTEM}/Processors/1`]: { InstructionSet: 'x86-64' },
    };
    return found[path] === undefined ? [404, refusal(`${path} was not found`)] : [200, found[path]];
  }

  #system() {
    const link = (name: string) => ({ '@odata.id': `${SYSTEM}/${name}` });
    return {
      '@odata.id': SYSTEM,
      Id: '1',
      PowerState: this.power,
      Boot: this.boot,
      Manufacturer: 'Fabrikam',
      Model: 'R1',
      SerialNumber: this.serial,
      UUID: this.uuid,
      ProcessorSummary: { Count: 2, LogicalProcessorCount: 64, Model: 'Fast' },
      MemorySummary: { TotalSystemMemoryGiB: 128 },
      EthernetInterfaces: link('EthernetInterfaces'),
      Storage: link('Storage'),
      Processors: link('Processors'),
      SecureBoot: link('SecureBoot'),
      Bios: link('Bios'),
      BiosVersion: this.biosVersion,
      IndicatorLED: this.led,
      Links: { ManagedBy: [{ '@odata.id': MANAGER }], Chassis: [{ '@odata.id': CHASSIS }] },
      Actions: {
        '#ComputerSystem.Reset': {
          target: `${SYSTEM}/Actions/ComputerSystem.Reset`,
          'ResetType@Redfish.AllowableValues': ['On', 'ForceOff', 'GracefulShutdown', 'ForceRestart'],
        },
      },
    };
  }

  #reset(type: string): [number, unknown?] {
    if (this.#has('reset-refused')) return [409, refusal('The system is in its self test')];
    if (this.#has('lies-about-power')) return [204];
    if (type === 'GracefulShutdown' && this.#has('ignores-shutdown')) return [204];
    if (type === 'On' || type === 'ForceRestart') this.bios.boots();
    if (this.onReset) {
      this.onReset(type);
      return [204];
    }
    this.power = type === 'ForceOff' || type === 'GracefulShutdown' ? 'Off' : 'On';
    return [204];
  }

  #logIn({ UserName, Password }: Record<string, unknown>): [number, unknown?, Record<string, string>?] {
    if (UserName !== USER || Password !== BMC_PASSWORD) return [401, refusal('Wrong name or password')];
    const token = `session-${randomUUID()}`;
    this.sessions.add(token);
    return [201, { '@odata.id': '/redfish/v1/SessionService/Sessions/1' }, { 'x-auth-token': token }];
  }

  #knows({ headers }: Asked): boolean {
    const token = headers['x-auth-token'];
    if (typeof token === 'string') return this.sessions.has(token);
    if (this.#has('no-basic')) return false;
    return headers.authorization === `Basic ${Buffer.from(`${USER}:${BMC_PASSWORD}`).toString('base64')}`;
  }

  #subscription({ method, path, body }: Asked): [number, unknown?, Record<string, string>?] {
    const id = path.split('/')[5] ?? '';
    const at = (one: string) => ({ '@odata.id': `/redfish/v1/EventService/Subscriptions/${one}` });
    if (method === 'POST') {
      const made = String(this.subscriptions.size + 1);
      this.subscriptions.set(made, { Id: made, ...body });
      return [201, {}, { location: `${this.url}${at(made)['@odata.id']}` }];
    }
    if (id === '') return [200, { Name: 'Event Subscriptions', Members: [...this.subscriptions.keys()].map(at) }];
    if (!this.subscriptions.has(id)) return [404, refusal('No such subscription')];
    if (method === 'DELETE') return this.subscriptions.delete(id) ? [204] : [404];
    return [200, { ...at(id), ...this.subscriptions.get(id) }];
  }
}

function slotOf(name: string, MediaTypes: string[], image: string | null) {
  const action = (verb: string) => ({ target: `${MANAGER}/VirtualMedia/${name}/Actions/VirtualMedia.${verb}Media` });
  const Actions = { '#VirtualMedia.InsertMedia': action('Insert'), '#VirtualMedia.EjectMedia': action('Eject') };
  return { MediaTypes, Image: image, Inserted: image !== null, Actions };
}

function refusal(Message: string) {
  return { error: { code: 'Base.1.0.GeneralError', '@Message.ExtendedInfo': [{ Message }] } };
}

function send(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Record<string, string> = {},
  type = 'application/json',
): void {
  response.writeHead(status, { ...headers, ...(body === '' ? {} : { 'content-type': type }) }).end(body);
}
