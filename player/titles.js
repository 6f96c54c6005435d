// SPDX-License-Identifier: AGPL-3.0-or-later
// What the radio said that a service plays, and from when on: what a listener hears is some seconds old, or of earlier, and
// has the title of then. Where nothing was told of an instant, nothing is known of it.
const KEPT = 500;

export class Titles {
  constructor() {
    this.list = []; // the newest first
  }

  // Told `at`. While `run` stays the same, every change is told.
  note(run, at, { title, since }) {
    const [last] = this.list;
    if (last?.title === title && (last.since === since || since === null)) {
      Object.assign(last, { run, told: at });
      return;
    }
    const from = since === null ? at : Date.parse(since);
    if (last) last.until = last.run === run ? from : Math.min(from, last.told);
    this.list.unshift({ title, since, from, until: Infinity, run, told: at });
    this.list.length = Math.min(this.list.length, KEPT);
  }

  // { title, since }, or undefined.
  at(instant) {
    return this.list.find((one) => one.from <= instant && instant < one.until);
  }
}
