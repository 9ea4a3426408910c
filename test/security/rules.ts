/**
 * The rules of this service's security and the tests that show their deny side: what must not work, does not.
 * test/security/rules.test.ts holds that each test exists, by its title.
 */
export interface Rule {
  rule: string;
  shownBy: readonly { file: string; title: string }[];
}

const by = (file: string, ...titles: string[]) => titles.map((title) => ({ file: `test/${file}`, title }));

export const RULES: readonly Rule[] = [
  {
    rule: 'A token is bound to a node and a boot, kept as a hash, and dead after the next one',
    shownBy: [
      ...by(
        'functions/agent.test.ts',
        'refuses what is not this boot of this node, and stores nothing',
        'answers 409 while the session beats, and gives a new token when it is silent; the old one is dead',
      ),
      ...by('contract/session-store.contract.ts', 'a first beat of an older generation is refused'),
    ],
  },
  {
    rule: 'A lookup is the decision to trust: only machines in a waiting state are answered, everybody else hears the same 404',
    shownBy: by(
      'functions/agent.test.ts',
      'says the same 404 to strangers, to machines in another state and to contradictions',
      'never gives the token of A to the machine of B when the index still says A',
      'gives no token below 1.62 and nothing at all below 1.22',
      'does not give a node with MACs to a machine that shows only its serial number',
    ),
  },
  {
    rule: 'A token on virtual media is read by who was given the address of its medium, by its BMC alone, and until it is used',
    shownBy: [
      ...by(
        'redfish/hand-over.test.ts',
        'goes in while the machine is off: an instance that runs cannot read it',
        'is what a stranger with its MAC does not get',
        'is on the medium until the first beat, to whoever has its address, and on no other',
        'is dead for the agent of the last boot, and for one that has it from there',
        'of one who beat with it before the machine was switched on is no good to him',
        'dies when an operator breaks the run off',
        'and the address of its medium are in no row, event, log, error or answer to an operator',
        'is not in an error of a BMC that quotes what it could not fetch',
      ),
      ...by(
        'shared/medium-name.test.ts',
        'is nothing to any other key, and nothing when one character is another one',
        'holds no token, and a token makes no name',
      ),
    ],
  },
  {
    rule: 'A callback address is a literal one inside the declared networks; nothing is followed, no credentials are carried',
    shownBy: [
      ...by('functions/agent.test.ts', 'refuses callback URLs outside of the declared networks in every spelling'),
      ...by(
        'redfish/address.test.ts',
        'carries no credentials of a URL, and follows no redirect',
        'is never one of IPv6 that carries one of IPv4, whichever',
      ),
    ],
  },
  {
    rule: 'An agent is called by TLS with the certificate of its boot as the only trust',
    shownBy: by(
      'security/requests.test.ts',
      'trusts the certificate of this boot and no other, and tells nobody else the token',
      'is made to who holds that very certificate, whatever its dates and names, and to nobody with one like it',
    ),
  },
  {
    rule: 'Vendor methods are closed: who may call is part of the row, arguments are checked, a proof is asked, calls are bounded',
    shownBy: [
      ...by(
        'functions/vendor.test.ts',
        'does not serve a row that is for agents',
        'does not serve the rows of operators, and asks no store for them',
        'refuses a bad proof with the same words as a method that does not exist',
        'lets a node speak for no other, whatever the path says',
      ),
      ...by(
        'shared/vendor.test.ts',
        'is refused above its rate until the minute is over',
        'that hangs is given up in time',
      ),
    ],
  },
  {
    rule: 'Requests have limits: bytes, shapes, keys, addresses, strangers a minute',
    shownBy: [
      ...by(
        'functions/http.test.ts',
        'limits and shapes',
        'keys that reach a prototype are refused, also when escaped',
      ),
      ...by('security/requests.test.ts', 'is read 25 levels deep and not one deeper'),
      ...by('local/server.test.ts', 'refuses what is too large, announced or not'),
      ...by(
        'functions/agent.test.ts',
        'learns 64 MACs and not one more',
        'answers 503 to more strangers a minute than allowed, and lets them in later',
      ),
    ],
  },
  {
    rule: 'Each function has a role with the listed actions and nothing else',
    shownBy: [
      ...by(
        'infra/synth.test.ts',
        'grant what test/infra/permissions.json lists, and nothing else',
        'let in whom test/infra/admitted.json lists, and nobody else',
        'have no kind of resource that nobody asked what it permits: no URL of a function, no policy of a secret',
        'have no role with a managed policy, and no grant on everything',
      ),
      ...by('infra/calls.test.ts', 'needs no permission that the list does not give'),
    ],
  },
  {
    rule: 'Functions that need no AWS API cannot call one; functions of the agent API hold no code of the operator API',
    shownBy: by(
      'infra/bundle.test.ts',
      'of reach and of the root document can call no AWS API',
      'of the agent API have no handler of the operator API, nor the store of the secrets',
    ),
  },
  {
    rule: 'Operators prove who they are on every route',
    shownBy: [
      ...by(
        'functions/authorization.test.ts',
        'let nobody in without credentials, by a wrong password or by an unknown name: 401 on every route',
      ),
      ...by('local/runtime.test.ts', 'does not show the operator API to a network without authentication'),
      ...by(
        'security/logins.test.ts',
        'stops one source, by the right password too and whatever the name, and no other source',
        'counts passwords that come all at once',
        'does not take longer for a name that does not exist',
      ),
    ],
  },
  {
    rule: 'Secrets are in no answer, log, row, event, document or execution',
    shownBy: [
      ...by(
        'security/canaries.test.ts',
        'are in no line of the log, which has a line for each of these calls',
        'are in no answer of the operator API and in none that refuses an agent',
        'are in no row of the nodes and agents tables: claims, events and sessions included',
        'are in no input of an execution and in nothing that its states received or returned',
        'are in no document and no published event, but for the config drive, which is one',
        'fails when a canary is printed, also in base64, and says which',
      ),
      ...by(
        'infra/synth.test.ts',
        'have no field in which a token could be: no path, no query string, no header, no body',
        'keep every secret out of the environments: only the ARN of a secret is there',
      ),
    ],
  },
  {
    rule: 'Spending is bounded: both APIs throttle, tables take no more than so many units a second, and networks can be named',
    shownBy: by(
      'infra/synth.test.ts',
      'throttle, and take nothing but TLS',
      'take no more units a second than they may, however many requests come',
      'lets nobody in from elsewhere when sources are given',
    ),
  },
  {
    rule: 'What cdk-nag finds is mended or justified',
    shownBy: by(
      'infra/nag.test.ts',
      'finds nothing that infra/nag-suppressions.ts does not justify',
      'is not silenced by a row for another place, rule or finding',
    ),
  },
  {
    rule: 'Task tokens stay inside: they reach no agent, and one that is spent does nothing',
    shownBy: by(
      'workflows/run-asl.test.ts',
      'answers a token once: a second, a late and an unknown answer are gone',
      'refuses the token of a task that timed out, and does not retry a time-out',
    ),
  },
  {
    rule: 'What a machine keeps back or adds brings it nearer to no node and undoes no decision of a person',
    shownBy: [
      ...by(
        'shared/inbox-rejected.test.ts',
        'keeps a rejection when the machine shows cards of an older row, and when it leaves the rejected card out',
        'is not let in by a join token, whatever it shows beside a card that was rejected',
        'takes nothing of the rows that wait',
        'locks nobody out: their own inspections, and their lookups with a join token, are judged alone',
      ),
      ...by(
        'shared/inbox-remembered.test.ts',
        'gives it no MAC that it does not show: who planted it beside others gets nothing, and those get their own nodes',
      ),
      ...by(
        'shared/enrolment-inbox.test.ts',
        'adds no more cards to a row than a machine may have, so that it can be approved',
      ),
      ...by(
        'shared/inbox-settled.test.ts',
        'leaves the decision, evidence and keys of the approved row as they are, and waits in one row of its own',
      ),
      ...by('functions/inspection-rules.test.ts', 'write history once, however often a machine posts the same'),
    ],
  },
  {
    rule: 'A page in the browser of an operator may not use what the browser may: a kept password, this machine',
    shownBy: by(
      'security/requests.test.ts',
      'whose site’s name leads to this machine is not answered where nobody needs a password',
    ),
  },
  {
    rule: 'A session at a BMC serves only who gives the password that opened it',
    shownBy: by('redfish/power.test.ts', 'is not opened by a wrong password with the session of a right one'),
  },
  {
    rule: 'Strangers may not have the operator’s own code asked without bound, and get nothing by wearing it out',
    shownBy: by(
      'hook/rationed-hooks.test.ts',
      'are asked so often a minute and not more; who comes then is held, whatever the fallback says',
      'that decide whose machine it is are never passed by: no match and no enrolment without them',
      'are not asked the same twice within half a minute; other evidence, and later, they are',
    ),
  },
  {
    rule: 'Strangers who flood the inbox keep no machine out of it',
    shownBy: by(
      'shared/inbox-flood.test.ts',
      'has room for a machine that knocks twice, in the same minute',
      'has room for it after hours of flood, forgets the flood, and neither who came back nor what a person said',
    ),
  },
  {
    rule: 'Who knows a MAC teaches its node nothing that would later speak against the real machine',
    shownBy: [
      ...by(
        'scenarios/planted.test.ts',
        'plants nothing: the real machine still is the node, and its neighbour becomes one of its own',
        'a machine that more than its MACs speak for teaches its new card, and no TPM key',
      ),
      ...by('functions/inspection-rules.test.ts', 'are not asked where only a MAC says whose inventory it is'),
    ],
  },
];
