// SPDX-License-Identifier: AGPL-3.0-or-later
// A small mail server on port 0 of this machine. It keeps what it takes; `answers` may change what it says to a command
// (EHLO, AUTH, MAIL, RCPT, DATA, or END for the letter's end): a line, or null for silence.
'use strict';
const net = require('node:net');

function talk(server, socket) {
  let rest = '';
  let letter = null;
  let envelope = {};
  let asked = false; // for the credentials
  const say = (line) => line !== null && !socket.destroyed && socket.write(`${line}\r\n`);
  const answer = (verb, otherwise, line) => {
    const own = server.answers[verb];
    say(own === undefined ? otherwise : typeof own === 'function' ? own(line) : own);
    return own === undefined;
  };
  const letIn = (given) => {
    envelope.login = Buffer.from(given, 'base64').toString('utf8').split('\0').slice(1).join(':');
    answer('AUTH', envelope.login === server.login ? '235 come in' : '535 who are you', given);
  };
  const take = (line) => {
    if (letter !== null) {
      if (line !== '.') return letter.push(line.startsWith('..') ? line.slice(1) : line);
      const raw = letter.join('\r\n');
      letter = null;
      if (server.answers.END === undefined || server.answers.END === null)
        server.letters.push({ ...envelope, raw, ...parse(raw) });
      return answer('END', '250 taken', line);
    }
    if (asked) {
      asked = false;
      return letIn(line);
    }
    const verb = line.slice(0, 4).toUpperCase();
    server.lines.push(line);
    if (verb === 'EHLO') answer('EHLO', server.login ? '250-test\r\n250 AUTH PLAIN' : '250 test', line);
    else if (verb === 'AUTH') {
      const given = line.split(' ')[2];
      asked = !given;
      if (given) letIn(given);
      else say('334 ');
    } else if (verb === 'MAIL') {
      envelope = { login: envelope.login, from: /<([^>]*)>/.exec(line)[1], to: [] };
      answer('MAIL', '250 ok', line);
    } else if (verb === 'RCPT') {
      if (answer('RCPT', '250 ok', line)) envelope.to.push(/<([^>]*)>/.exec(line)[1]);
    } else if (verb === 'DATA') {
      if (answer('DATA', '354 go on', line)) letter = [];
    } else if (verb === 'QUIT') {
      say('221 bye');
      socket.end();
    } else say('500 what?');
  };
  socket.on('error', () => {});
  socket.on('data', (d) => {
    rest += d.toString('latin1');
    for (let at; (at = rest.indexOf('\r\n')) >= 0;) {
      const line = rest.slice(0, at);
      rest = rest.slice(at + 2);
      take(line);
    }
  });
  say('220 test');
}

const words = (s) => s.replace(/\r\n /g, ' ').replace(/\?=\s+=\?/g, '?==?')
  .replace(/(=\?UTF-8\?B\?[^?]*\?=)+/g, (run) => Buffer.concat([...run.matchAll(/\?B\?([^?]*)\?=/g)].map((m) =>
    Buffer.from(m[1], 'base64'))).toString('utf8'));

// Headers by name in lower case, and the text as written.
function parse(raw) {
  const end = raw.indexOf('\r\n\r\n');
  const headers = {};
  for (const line of raw.slice(0, end).replace(/\r\n /g, '\n ').split('\r\n')) {
    const at = line.indexOf(':');
    headers[line.slice(0, at).toLowerCase()] = words(line.slice(at + 2).replaceAll('\n ', '\r\n '));
  }
  const quoted = raw.slice(end + 4).replaceAll('=\r\n', '');
  const bytes = quoted.replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return { headers, text: Buffer.from(bytes, 'latin1').toString('utf8').replaceAll('\r\n', '\n') };
}

// Ends with the test.
async function startSmtp(t, { login } = {}) {
  const server = { letters: [], lines: [], answers: {}, login, sockets: new Set() };
  const listener = net.createServer((socket) => {
    server.sockets.add(socket);
    socket.on('close', () => server.sockets.delete(socket));
    talk(server, socket);
  });
  await new Promise((resolve) => listener.listen(0, '127.0.0.1', resolve));
  server.port = listener.address().port;
  t.after(() => {
    server.sockets.forEach((s) => s.destroy());
    return new Promise((resolve) => listener.close(resolve));
  });
  return server;
}

module.exports = { startSmtp };
