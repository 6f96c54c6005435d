// SPDX-License-Identifier: AGPL-3.0-or-later
// Files to upload, made here: pictures as PNG, sound as WAV, and the form they are sent in.
'use strict';
const zlib = require('node:zlib');

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  const out = Buffer.alloc(8 + body.length);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(zlib.crc32(body), 4 + body.length);
  return out;
}

// A PNG of one colour; `rows` fewer than `height`: it is cut off.
function png(width, height, [r, g, b] = [30, 90, 160], rows = height) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const line = Buffer.concat([Buffer.from([0]), Buffer.alloc(3 * width, Buffer.from([r, g, b]))]);
  const data = Buffer.concat(Array.from({ length: rows }, () => line));
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', head), chunk('IDAT', zlib.deflateSync(data)), chunk('IEND', Buffer.alloc(0))]);
}

// A WAV of silence: 8 kHz, 16 bits, one channel.
function wav(seconds) {
  const bytes = 16000 * seconds;
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + bytes, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8000, 24);
  head.writeUInt32LE(16000, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(bytes, 40);
  return Buffer.concat([head, Buffer.alloc(bytes)]);
}

const boundary = '----siaranTestBoundary7MA4YWxk';

// As browsers write it. fields: [[name, value]...], files: [{ field, name, bytes }...].
function formBody(fields, files = []) {
  const parts = fields.map(([name, value]) => Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`));
  for (const { field = 'files', name, bytes } of files)
    parts.push(Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${field}"; filename="${name}"\r\nContent-Type: application/octet-stream\r\n\r\n`),
      bytes, Buffer.from('\r\n'));
  return Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]);
}
const formType = `multipart/form-data; boundary=${boundary}`;

// Sends it as a page of the visitor's would, with the token first.
function sendForm(visitor, target, fields, files, headers = {}) {
  const body = formBody([['token', visitor.token || ''], ...Object.entries(fields)], files);
  return visitor.request('POST', target, { headers: { 'Content-Type': formType, Origin: visitor.station.origin, 'Sec-Fetch-Site': 'same-origin', ...headers }, body });
}

module.exports = { formBody, formType, png, sendForm, wav };
