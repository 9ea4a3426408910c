import assert from 'node:assert/strict';
import { lookup } from 'node:dns/promises';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { httpBmc } from '../../shared/adapters/reach/http-bmc.ts';
import { isNeverReached } from '../../shared/address/never-reached.ts';
import { redfishSettings } from '../../shared/drivers/redfish/settings.ts';
import { InvalidInput } from '../../shared/errors.ts';
import type { BmcExchange } from '../../shared/run/exchange-port.ts';
import { RedfishBmc } from '../fakes/redfish-bmc.ts';
import { makeCertificate } from '../rack/certificate.ts';

/** Metadata services and their neighbours, in every spelling that somebody has tried. */
const REFUSED = [
  'http://169.254.169.254',
  'https://169.254.169.254:443/redfish/v1',
  '169.254.169.254',
  'http://2852039166',
  'http://0xa9fea9fe',
  'http://0xA9.0xFE.0xA9.0xFE',
  'http://0251.0376.0251.0376',
  'http://0251.254.0xa9.254',
  'http://169.254.43518',
  'http://169.16689662',
  'http://169.254.169.254.',
  'http://%31%36%39.254.169.254',
  'http://①⑥⑨.254.169.254',
  'http://[::ffff:169.254.169.254]',
  'http://[::ffff:a9fe:a9fe]',
  'http://[0:0:0:0:0:ffff:a9fe:a9fe]',
  'http://[::169.254.169.254]',
  'http://[::a00:5]',
  'http://[::ffff:0:169.254.169.254]',
  'http://[::ffff:0:a00:5]',
  'http://[64:ff9b::a9fe:a9fe]',
  'http://[64:ff9b::169.254.169.254]',
  'http://[64:ff9b:1::a9fe:a9fe]',
  'http://[64:ff9b:1:abcd:a9:fea9:fe00:0]',
  'http://[2001:0:a9fe:a9fe::1]',
  'http://[2001:0:4136:e378:8000:63bf:5601:5601]',
  'http://[2002:a9fe:a9fe::1]',
  'http://[fd00:ec2::254]',
  'http://[fe80::1]',
  'http://[fe80::1%25eth0]',
  'http://[fe80::1%eth0]',
  'http://[ff02::1]',
  'http://[::]',
  'http://0.0.0.0',
  'http://0',
  'http://224.0.0.1',
  'http://255.255.255.255',
  'http://100.100.100.200',
  'http://168.63.129.16',
  'http://192.0.0.192',
  'http://user@10.0.0.5',
  'http://user:secret@10.0.0.5',
  'http://10.0.0.5@169.254.169.254',
  'http://10.0.0.5#@169.254.169.254',
  'http://10.0.0.5\\@169.254.169.254',
  'http://10.0.0.5/latest/meta-data',
  'http://10.0.0.5/redfish/v1/Systems/1',
  'http://10.0.0.5/?x=1',
  'ftp://10.0.0.5',
  'file:///etc/passwd',
  'gopher://10.0.0.5',
  'javascript:alert(1)',
  'http://',
  'https:// 10.0.0.5',
  'http://10.0.0.5\n',
  '',
  ' ',
];
const TAKEN: [written: unknown, origin: string][] = [
  ['https://10.0.0.5', 'https://10.0.0.5'],
  ['10.0.0.5', 'https://10.0.0.5'],
  ['http://10.0.0.5:8000/', 'http://10.0.0.5:8000'],
  ['https://bmc-7.example.net/redfish/v1/', 'https://bmc-7.example.net'],
  ['[2001:db8::5]', 'https://[2001:db8::5]'],
  ['https://[fd12::5]:8443', 'https://[fd12::5]:8443'],
];

describe('the address of a BMC', () => {
  for (const address of REFUSED) {
    it(`is refused: ${JSON.stringify(address)}`, () => {
      assert.throws(
        () => redfishSettings({ redfish_address: address }),
        (error: Error) => error instanceof InvalidInput && !error.message.includes('secret'),
      );
    });
  }
  for (const [address, origin] of TAKEN) {
    it(`is taken: ${address}`, () => {
      assert.equal(redfishSettings({ redfish_address: String(address) }).origin, origin);
    });
  }

  it('is never a link-local one, however its number is written', () => {
    const part = (n: number, base: number) =>
      base === 16 ? `0x${n.toString(16)}` : base === 8 ? `0${n.toString(8)}` : String(n);
    const base = fc.constantFrom(8, 10, 16);
    fc.assert(
      fc.property(fc.nat(255), fc.nat(255), fc.tuple(base, base, base, base), fc.boolean(), (c, d, bases, whole) => {
        const number = ((169 * 256 + 254) * 256 + c) * 256 + d;
        const host = whole ? part(number, bases[0]) : [169, 254, c, d].map((n, i) => part(n, bases[i] ?? 10)).join('.');
        assert.throws(() => redfishSettings({ redfish_address: `http://${host}` }), InvalidInput);
      }),
    );
  });
});

describe('other keys of driver_info', () => {
  const withKey = (key: string, value: string | boolean) =>
    redfishSettings({ redfish_address: 'https://10.0.0.5', [key]: value });
  it('are checked with words for who wrote them', () => {
    for (const [key, value, says] of [
      ['redfish_system_id', 'System.Embedded.1', /path of a system/],
      ['redfish_system_id', '/redfish/v1/../../etc', /path of a system/],
      ['redfish_system_id', '//169.254.169.254/redfish', /path of a system/],
      ['redfish_auth_type', 'digest', /one of basic, session, auto/],
      ['redfish_verify_ca', '/etc/ssl/bmc.pem', /PEM text of the certificate; a path means nothing here/],
    ] as const) {
      assert.throws(() => withKey(key, value), says, `${key}: ${value}`);
    }
  });
  it('say what is trusted in all ways that Ironic takes', () => {
    for (const value of [true, 'True', 'yes', '1']) assert.equal(withKey('redfish_verify_ca', value).trust, 'public');
    for (const value of [false, 'False', 'no', '0']) assert.equal(withKey('redfish_verify_ca', value).trust, 'anyone');
    const pem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    assert.deepEqual(withKey('redfish_verify_ca', pem).trust, { ca: pem });
  });
});

async function bmc(t: TestContext, tls?: ConstructorParameters<typeof RedfishBmc>[0]): Promise<RedfishBmc> {
  const made = await new RedfishBmc(tls).start();
  t.after(() => made.close());
  return made;
}
const exchange = (url: string, trust: BmcExchange['trust'] = 'public'): BmcExchange => ({
  method: 'GET',
  url,
  headers: {},
  trust,
  timeoutSeconds: 5,
});

describe('the connection to a BMC', () => {
  it('is checked again where it is made, numbers and names alike', async (t) => {
    const { url } = await bmc(t);
    const port = new URL(url).port;
    const strict = httpBmc({ loopback: false });
    for (const host of [
      '127.0.0.1',
      '2130706433',
      '0x7f.1',
      '[::ffff:127.0.0.1]',
      '[::1]',
      'localhost',
      'LOCALHOST.',
    ]) {
      const reply = await strict(exchange(`http://${host}:${port}/redfish/v1/Systems/1`));
      // A resolver that does not know the odd spelling, or is not there, is as good as a refusal.
      const refused = reply.kind === 'failed' && /refused-address|unreachable|time-out/.test(reply.because);
      assert.ok(refused, `${host}: ${JSON.stringify(reply)}`);
    }
    assert.ok((await lookup('localhost')).address, 'localhost is a name here');
    const named = await strict(exchange(`http://localhost:${port}/`));
    assert.deepEqual(named.kind === 'failed' && named.because, 'refused-address');
  });

  it('carries no credentials of a URL, and follows no redirect', async (t) => {
    const fake = await bmc(t);
    const inUrl = await httpBmc({ loopback: true })(exchange(fake.url.replace('//', '//admin:x@')));
    assert.deepEqual(inUrl.kind === 'failed' && inUrl.because, 'refused-address');
    fake.fail('redirects');
    const redirected = await httpBmc({ loopback: true })(exchange(fake.url));
    assert.deepEqual(redirected.kind === 'failed' && redirected.because, 'redirect');
    assert.equal(fake.asked.length, 1);
  });

  it('trusts a self-signed certificate only when it is given, or when nobody is asked for', async (t) => {
    const { pem, key } = makeCertificate('bmc', '127.0.0.1');
    const { pem: other } = makeCertificate('bmc', '127.0.0.1');
    const fake = await bmc(t, { cert: pem, key });
    const ask = (trust: BmcExchange['trust']) => httpBmc({ loopback: true })(exchange(`${fake.url}/redfish/v1`, trust));
    for (const trust of ['public', { ca: other }] as const) {
      const reply = await ask(trust);
      assert.deepEqual(reply.kind === 'failed' && reply.because, 'certificate', JSON.stringify(trust));
    }
    assert.equal(fake.asked.length, 0, 'no credentials were sent to a stranger');
    for (const trust of ['anyone', { ca: pem }] as const) assert.equal((await ask(trust)).kind, 'answered');
  });

  it('is never to what is no address', () => {
    for (const text of ['', 'localhost', '10.0.0', 'fe80::1%eth0', '1.2.3.4.5']) assert.ok(isNeverReached(text), text);
    assert.ok(!isNeverReached('10.0.0.5'));
    assert.ok(isNeverReached('127.0.0.1', { loopback: false }));
  });

  it('is never one of IPv6 that carries one of IPv4, whichever', () => {
    const part = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(part, part, part, part, (a, b, c, d) => {
        const dotted = `${a}.${b}.${c}.${d}`;
        const [high, low] = [(a * 256 + b).toString(16), (c * 256 + d).toString(16)];
        const inverted = `${(65_535 - a * 256 - b).toString(16)}:${(65_535 - c * 256 - d).toString(16)}`;
        const carried = [
          `::ffff:0:${dotted}`,
          `0:0:0:0:ffff:0:${high}:${low}`,
          `64:ff9b::${dotted}`,
          `64:ff9b:1::${high}:${low}`,
          `2002:${high}:${low}::1`,
          `2001:0:${high}:${low}::1`,
          `2001:0:1:2:0:0:${inverted}`,
        ];
        // The one exception is IPv6's own loopback.
        if (dotted !== '0.0.0.1') carried.push(`::${dotted}`);
        for (const address of carried) assert.ok(isNeverReached(address), address);
        assert.equal(isNeverReached(`::ffff:${dotted}`), isNeverReached(dotted), 'a mapped one is the one in it');
      }),
    );
    assert.deepEqual([isNeverReached('::1'), isNeverReached('::1', { loopback: false })], [false, true]);
    for (const address of ['10.0.0.5', '2001:db8::5', 'fd12::5', '2600::1'])
      assert.ok(!isNeverReached(address), address);
  });
});
