import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { localScript, ramdiskScript } from '../../shared/boot/boot-script.ts';
import { bootsLocally } from '../../shared/boot/boots-locally.ts';
import { STATES } from '../../shared/lifecycle/states.ts';
import { AgentSite } from '../fakes/agent-site.ts';

const IMAGES = {
  kernel: 'http://mirror.example/ipa.kernel',
  ramdisk: 'http://mirror.example/ipa.initramfs',
  kernelParameters: 'console=ttyS0',
};
const MAC = '52:54:00:00:00:01';
const API = 'https://agents.example.net/prod';

function site(): AgentSite {
  const made = new AgentSite();
  made.configuration.boot = IMAGES;
  return made;
}

/** iPXE sends no version and asks for nothing in particular. */
const boots = async (given: AgentSite, query: string) => {
  const { status, headers, body } = await given.text('GET', `/boot.ipxe${query}`);
  return { status, type: headers['Content-Type'], body };
};

describe('GET /boot.ipxe', () => {
  it('gives a stranger the ramdisk with the addresses of this API', async () => {
    const { status, type, body } = await boots(site(), `?mac=${MAC}`);
    assert.equal(status, 200);
    assert.match(String(type), /^text\/plain/);
    assert.match(body, /^#!ipxe\n/);
    assert.match(
      body,
      new RegExp(`^kernel ${IMAGES.kernel} initrd=ramdisk .*console=ttyS0 .*ipa-api-url=${API} `, 'm'),
    );
    assert.match(body, new RegExp(` ipa-inspection-callback-url=${API}/v1/continue_inspection `));
    assert.match(body, /^initrd --name ramdisk http:\/\/mirror\.example\/ipa\.initramfs /m);
  });

  it('has the agent collect no logs, unless the configuration says so', async () => {
    const collectors = async (kernelParameters: string) => {
      const given = site();
      given.configuration.boot = { ...IMAGES, kernelParameters };
      // The agent keeps the last one of a name.
      const words = (await boots(given, `?mac=${MAC}`)).body.split(/\s/);
      return words.findLast((word) => word.startsWith('ipa-inspection-collectors='))?.split('=')[1];
    };
    assert.equal(await collectors('console=ttyS0'), 'default');
    assert.equal(await collectors('ipa-inspection-collectors=default,logs'), 'default,logs');
  });

  it('gives a known machine that waits, and a conflict, the bytes of a stranger', async () => {
    const given = site();
    const stranger = await boots(given, `?mac=${MAC}`);
    for (const [at, provision_state] of ['enroll', 'available', 'wait call-back', 'clean wait', 'rescue'].entries()) {
      await given.enrol({ provision_state, macs: [`52:54:00:00:01:0${at}`] });
      assert.deepEqual(await boots(given, `?mac=52:54:00:00:01:0${at}`), stranger, provision_state);
    }
    await given.enrol({ provision_state: 'active', macs: ['52:54:00:00:02:01'], properties: { serial_number: 'S1' } });
    await given.enrol({ provision_state: 'active', macs: ['52:54:00:00:02:02'], properties: { serial_number: 'S2' } });
    assert.deepEqual(await boots(given, '?mac=52:54:00:00:02:01&serial=S2'), stranger);
  });

  it('sends a machine with an instance to its disk, found by its MAC', async () => {
    const given = site();
    await given.enrol({ provision_state: 'active', macs: [MAC] });
    assert.equal((await boots(given, `?mac=${MAC.toUpperCase().replaceAll(':', '-')}`)).body, localScript());
  });

  it('keeps the join link with which the machine was booted', async () => {
    const { body } = await site().text('GET', `/join/AbC-123_x/boot.ipxe?mac=${MAC}`);
    assert.match(body, new RegExp(`ipa-api-url=${API}/join/AbC-123_x `));
    assert.match(body, new RegExp(`ipa-inspection-callback-url=${API}/join/AbC-123_x/v1/continue_inspection `));
  });

  it('asks who it is where the caller does not say: the machine fills that in', async () => {
    const { body } = await boots(site(), '');
    assert.match(
      body,
      new RegExp(`^chain --replace ${API}/boot\\.ipxe\\?mac=\\$\\{mac\\}&uuid=\\$\\{uuid\\}&serial=`, 'm'),
    );
  });

  it('says what is missing where no ramdisk is configured', async () => {
    const { status, body } = await new AgentSite().text('GET', `/boot.ipxe?mac=${MAC}`);
    assert.equal(status, 404);
    assert.match(body, /boot\.kernel/);
  });

  it('never prints what a caller sent', async () => {
    const given = site();
    const stranger = (await boots(given, `?mac=${MAC}`)).body;
    const nasty = fc.oneof(
      fc.string({ maxLength: 200 }),
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of iPXE
      fc.constantFrom('\nchain http://evil/', '${cmd}', '" && shell'),
    );
    await fc.assert(
      fc.asyncProperty(
        nasty,
        fc.constantFrom('mac', 'serial', 'asset', 'product', 'uuid', 'more'),
        async (text, name) => {
          const query = name === 'mac' ? '' : `mac=${MAC}&`;
          const { status, body } = await boots(given, `?${query}${name}=${encodeURIComponent(text)}`);
          if (status === 200) assert.equal(body, stranger);
          else assert.equal(status, 400);
        },
      ),
    );
    const variable = ['$', '{cmd}'].join('');
    for (const token of ['a%0Achain', 'x%20y', variable, '(a)', "'"]) {
      const { status, body } = await given.text('GET', `/join/${token}/boot.ipxe?mac=${MAC}`);
      assert.ok(
        status === 404 || !/\nchain$|\n(?!kernel|initrd|boot|:failed|echo|sleep|chain --replace|$)/.test(body),
        token,
      );
      assert.ok(!body.includes(variable) && !body.includes("'"), token);
    }
  });
});

describe('who boots from the disk', () => {
  it('is decided for states that exist, and no machine that waits for an agent is among them', () => {
    for (const state of STATES) {
      const local = bootsLocally({ provision_state: state.name });
      if (state.class === 'wait') assert.equal(local, false, state.name);
    }
    assert.ok(bootsLocally({ provision_state: 'active' }));
  });

  it('has a script of its own, without an address of ours', () => {
    assert.ok(!localScript().includes('http'));
    assert.notEqual(localScript(), ramdiskScript(IMAGES, API));
  });
});
