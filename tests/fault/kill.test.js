// SPDX-License-Identifier: AGPL-3.0-or-later
// kill -9 at random moments under mixed load. After each: no read that was acknowledged is missing and none is counted
// twice, every vote that was acknowledged is there, and verify finds nothing. SEED=n repeats a run's choices.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { articleLinks, childrenOf, cookieOf, isAlive, makeStation, mustRun, numberOf, processesOf, readsOf, times, until,
  votesOf } = require('../support/station');
const { randomOf, rowsOf, seed } = require('../support/kill');

const WORKERS = 8;

test('a second after the parent was killed there is no child but the radio, and it ends when nobody comes', async (t) => {
  const s = makeStation({ demo: false });
  t.after(() => s.remove());
  fs.appendFileSync(path.join(s.dir, 'siaran.conf'), '\nradio_alone_seconds = 2\n');
  await s.serve();
  const before = processesOf(s.dir), radio = s.processNamed('siaran-radio');
  assert.ok(before.includes(s.pid) && childrenOf(s.pid).length > 0);
  assert.ok(childrenOf(s.pid).every((pid) => before.includes(pid)) && childrenOf(s.pid).includes(radio));
  await s.kill();
  assert.deepStrictEqual(processesOf(s.dir), [radio]);
  await until(() => processesOf(s.dir).length === 0, 6000, 'the end of the radio');
  await until(() => /it plays on alone for 2 s\n[\s\S]*nobody began another: it ends/.test(s.log), 2000, 'what it said');
});

// A reader with a cookie: `value` is the vote that was acknowledged last, `open` those sent since without an answer.
class Voter {
  constructor(cookie) {
    this.cookie = cookie;
    this.open = [];
  }

  async vote(s, number, value) {
    this.open.push(value);
    const answer = await s.vote(number, value, { cookie: this.cookie }).catch(() => ({}));
    if (answer.status !== 303) return false;
    this.value = value;
    this.open = [];
    return true;
  }
}

// One of the eight: reads, up to sixteen requests on a connection, and votes as a reader of its own, until the station
// is killed.
async function work(s, load, voter) {
  const request = `GET ${load.address} HTTP/1.1\r\nHost: localhost:${s.port}\r\nUser-Agent: Reader/1.0\r\n\r\n`;
  while (!load.over) {
    if (load.random(4) === 0) {
      await voter.vote(s, load.number, 1 + load.random(5));
    } else {
      const count = 1 + load.random(16);
      load.sent += count;
      const answers = await s.exchange(request.repeat(count), { count });
      load.acknowledged += answers.filter((a) => a.status === 200).length;
    }
    load.answered++;
  }
}

// What the stopped station's database says about the votes: [count, stars] of the article.
const votesStored = (s, number) =>
  rowsOf(s, 'SELECT COUNT(*), COALESCE(SUM(value), 0) FROM votes WHERE number = ?', number)[0];

const sum = (list) => list.reduce((a, b) => a + b, 0);

// Every vote that was acknowledged is stored unless a later one of the same reader replaced it.
function checkVotes(s, load, voters) {
  const [count, stars] = votesStored(s, load.number);
  const possible = voters.map((v) => [...(v.value ? [v.value] : v.open.length ? [0] : []), ...v.open]);
  const sure = voters.filter((v) => v.value).length;
  const most = possible.filter((p) => p.length > 0).length;
  assert.ok(sure <= count && count <= most, `votes: ${sure} <= ${count} <= ${most}`);
  const bound = (pick) => sum(possible.filter((p) => p.length > 0).map((p) => pick(...p)));
  assert.ok(bound(Math.min) <= stars && stars <= bound(Math.max), `stars: ${bound(Math.min)} <= ${stars} <= ${bound(Math.max)}`);
}

async function killedRound(s, load, voters, killsParent) {
  Object.assign(load, { over: false, answered: 0 });
  const workers = voters.map((voter) => work(s, load, voter));
  const after = load.random(60);
  await until(() => load.answered >= after, 20000, `${after} answers`);
  for (let turns = load.random(30); turns > 0; turns--) await new Promise(setImmediate);
  const victim = killsParent ? s.pid : s.siteProcess();
  const radio = s.processNamed('siaran-radio'), mortals = processesOf(s.dir).filter((pid) => pid !== radio);
  process.kill(victim, 'SIGKILL');
  load.over = true;
  await Promise.all(workers);
  if (killsParent) {
    await s.ended;
    await until(() => mortals.every((pid) => !isAlive(pid)), 1000, 'the end of all but the radio');
    checkVotes(s, load, voters);
    await s.serve();
    assert.strictEqual(s.processNamed('siaran-radio'), radio, 'the radio is the same process');
  } else {
    await until(() => !isAlive(victim), 1000, 'its end');
    await until(() => s.get('/robots.txt').then((r) => r.status === 200, () => false), 10000, 'an answer');
  }
}

async function checkReads(s, load) {
  load.sent++;
  const counted = readsOf((await s.get(load.address)).body) - load.before;
  load.acknowledged++;
  assert.ok(load.acknowledged <= counted && counted <= load.sent, `reads: ${load.acknowledged} <= ${counted} <= ${load.sent}`);
}

test('whatever is killed, no read and no vote that was acknowledged is lost', async (t) => {
  t.diagnostic(`measured with SEED=${seed}`);
  const s = makeStation();
  t.after(() => s.remove());
  fs.appendFileSync(path.join(s.dir, 'siaran.conf'), '\npublic_posts_per_minute = 100000\n');
  await s.serve();
  const [address, other] = articleLinks((await s.get('/en/')).body);
  const page = (await s.get(address)).body;
  const load = { address, number: numberOf(address), random: randomOf(seed), before: readsOf(page), sent: 0, acknowledged: 0 };
  const voters = [];
  for (let i = 0; i < WORKERS; i++) voters.push(new Voter(cookieOf(await s.vote(numberOf(other), 3))));
  const kills = times(100);
  for (let i = 0; i < kills; i++) {
    // The parent after every second one: its pause before a restart grows with each crash of a child.
    for (const killsParent of i % 2 === 1 ? [false, true] : [false]) {
      await killedRound(s, load, voters, killsParent);
      await checkReads(s, load);
      assert.strictEqual(mustRun('verify', s.dir).code, 0);
      for (const voter of voters)
        if (voter.open.length > 0) assert.ok(await voter.vote(s, load.number, 1 + load.random(5)), 'a vote sent again is taken');
    }
  }
  assert.strictEqual(votesOf((await s.get(address)).body) - votesOf(page), voters.filter((v) => v.value).length);
  await s.stop();
  assert.deepStrictEqual(votesStored(s, load.number), [voters.filter((v) => v.value).length, sum(voters.map((v) => v.value ?? 0))]);
  mustRun('verify', s.dir);
  t.diagnostic(`measured ${kills} kills of the site process, ${Math.floor(kills / 2)} of the parent; ` +
    `${load.acknowledged} reads acknowledged of ${load.sent}`);
});
