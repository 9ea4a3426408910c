import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { App } from 'aws-cdk-lib';
import { readConfiguration } from '../../functions/env.ts';
import { checkEnvironment, MOST_IN_ENVIRONMENT } from '../../infra/constructs/carried-configuration.ts';
import { nodelessApp } from '../../infra/nodeless-app.ts';
import { completed } from '../../shared/configuration.ts';
import { bundledOnce, ofType, type Resource, synth } from './template.ts';

const folder = mkdtempSync(join(tmpdir(), 'nodeless-long-'));
after(() => rmSync(folder, { recursive: true, force: true }));

describe('a configuration that is too long for an environment', () => {
  const policies = Array.from({ length: 60 }, (_, n) => ({
    name: `rack-${n}`,
    outcome: 'hold' as const,
    conditions: { vendor: [`Vendor number ${n}`], serial: [`SN-${n}-*`] },
  }));
  const file = join(folder, 'configuration.json');
  writeFileSync(file, JSON.stringify({ enrollment: { policies } }));
  const outdir = join(folder, 'assembly');
  const app = new App({ outdir, context: { 'nodeless:configuration': file } });
  const { controlPlane } = nodelessApp(app, bundledOnce());
  app.synth({ skipValidation: true });
  const { Resources } = JSON.parse(readFileSync(join(outdir, `${controlPlane.stackName}.template.json`), 'utf8'));
  const functions = ofType(Resources, 'AWS::Lambda::Function');
  const variablesOf = ({ Properties }: Resource) =>
    (Properties['Environment'] as { Variables?: Record<string, string> } | undefined)?.Variables ?? {};
  const codeOf = ({ Properties }: Resource) => {
    const { S3Key } = Properties['Code'] as { S3Key: string };
    return join(outdir, `asset.${S3Key.replace('.zip', '')}`);
  };
  const told = functions.filter(([, resource]) => variablesOf(resource)['NODELESS_CONFIGURATION_FILE']);

  it('lies beside the code of every function that would have had it in its environment', () => {
    const short = ofType(synth().controlPlane, 'AWS::Lambda::Function');
    const names = short.filter(([, one]) => variablesOf(one)['NODELESS_CONFIGURATION']).map(([name]) => name);
    assert.deepEqual(told.map(([name]) => name).sort(), names.sort());
    for (const [name, resource] of told) {
      const code = codeOf(resource);
      assert.deepEqual(readdirSync(code).sort(), ['configuration.json', 'index.js'], name);
      assert.equal(variablesOf(resource)['NODELESS_CONFIGURATION'], undefined);
      assert.equal(variablesOf(resource)['NODELESS_CONFIGURATION_FILE'], '/var/task/configuration.json');
    }
  });

  it('is what a function reads there', (t) => {
    t.after(() => delete process.env['NODELESS_CONFIGURATION_FILE']);
    const [first] = told;
    assert.ok(first);
    const code = codeOf(first[1]);
    process.env['NODELESS_CONFIGURATION_FILE'] = join(code, 'configuration.json');
    assert.ok(readFileSync(join(code, 'configuration.json')).length > MOST_IN_ENVIRONMENT);
    assert.equal(readConfiguration().enrollment.policies?.length, policies.length);
    assert.deepEqual(readConfiguration(), { ...completed({}), enrollment: readConfiguration().enrollment });
  });

  it('and one that fits leaves the code as it is, so that a change of it changes no code', () => {
    const codes = functions.filter(([name]) => !told.some(([one]) => one === name));
    for (const [, resource] of codes) {
      assert.deepEqual(readdirSync(codeOf(resource)), ['index.js']);
    }
  });
});

describe('an environment that Lambda would refuse', () => {
  const reader = Array.from({ length: 70 }, (_, n) => `arn:aws:iam::123456789012:user/somebody-with-a-name-${n}`);
  const given = { operatorAuth: 'iam', operatorRoles: JSON.stringify({ reader }) };

  it('stops the synthesis with its size, what is large in it and what to do', () => {
    const says =
      /Nodeless-operator has about \d{4} bytes and Lambda takes 4096.*OPERATOR_ROLES with \d{4}.*a few IAM roles/;
    assert.throws(() => synth(given), says);
  });

  it('is one of more than 4096 bytes, names and values', () => {
    assert.doesNotThrow(() => checkEnvironment('f', { A: 'x'.repeat(4095) }));
    assert.throws(() => checkEnvironment('f', { A: 'x'.repeat(4096) }), /A with 4097\. Shorten it\./);
    assert.throws(() => checkEnvironment('f', { A: '\u00e9'.repeat(2048) }), /about 4097 bytes/);
  });
});
