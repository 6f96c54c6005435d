-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Version 17: how long was listened, summed from the lines of DIR/radio/sessions as they are read (src/audience). Days are
-- those of UTC. Everywhere but in audience_days and audience_months service_id 0 is the whole station.

CREATE TABLE audience_names (
  id INTEGER NOT NULL PRIMARY KEY,        -- 1, 2, 3 ...; at most AUDIENCE_NAMES_MAX
  name TEXT NOT NULL UNIQUE               -- of services, streams, players, countries: a name or word of a line
);

CREATE TABLE audience_totals (
  day INTEGER NOT NULL,                   -- days since 1970
  service_id INTEGER NOT NULL,            -- audience_names.id
  listened_us INTEGER NOT NULL,           -- in sessions of 60 s and more
  sessions INTEGER NOT NULL,              -- that reached 60 s on that day
  quarters INTEGER NOT NULL,              -- that reached 15 minutes on that day
  listeners INTEGER NOT NULL,             -- (derived) different ones of sessions of 60 s and more: audience_listeners, while it has them
  PRIMARY KEY (day, service_id)
);

CREATE TABLE audience_days (
  day INTEGER NOT NULL,
  service_id INTEGER NOT NULL,
  part INTEGER NOT NULL,                  -- by what: enum audience_part
  name_id INTEGER NOT NULL REFERENCES audience_names (id),
  listened_us INTEGER NOT NULL,           -- the sums of each part are those of audience_totals
  sessions INTEGER NOT NULL,
  quarters INTEGER NOT NULL,
  PRIMARY KEY (day, service_id, part, name_id)
);

CREATE TABLE audience_months (            -- (derived) of audience_days, for long stretches
  month INTEGER NOT NULL,                 -- year times 12 and month, 0 to 11
  service_id INTEGER NOT NULL,
  part INTEGER NOT NULL,
  name_id INTEGER NOT NULL REFERENCES audience_names (id),
  listened_us INTEGER NOT NULL,
  sessions INTEGER NOT NULL,
  quarters INTEGER NOT NULL,
  PRIMARY KEY (month, service_id, part, name_id)
);

CREATE TABLE audience_hours (
  day INTEGER NOT NULL,
  service_id INTEGER NOT NULL,
  hour INTEGER NOT NULL,                  -- 0 to 23
  listened_us INTEGER NOT NULL,           -- the day's sum is that of audience_totals
  peak INTEGER NOT NULL,                  -- (derived) most at the begin of a minute: audience_minutes, while it has them
  PRIMARY KEY (service_id, day, hour)
);

-- What follows is kept until a day is over and all of it is read.
CREATE TABLE audience_minutes (
  day INTEGER NOT NULL,
  service_id INTEGER NOT NULL,
  minute INTEGER NOT NULL,                -- 0 to 1439
  listening INTEGER NOT NULL,             -- sessions of 60 s and more when it began
  PRIMARY KEY (day, service_id, minute)
);

CREATE TABLE audience_listeners (
  day INTEGER NOT NULL,
  service_id INTEGER NOT NULL,
  listener INTEGER NOT NULL,              -- hash with the key of that day, which is gone after it
  PRIMARY KEY (day, service_id, listener)
);

CREATE TABLE audience_doubles (           -- sockets that one player opened at once for the same stream: one session
  day INTEGER NOT NULL,
  stream_id INTEGER NOT NULL,             -- audience_names.id
  listener INTEGER NOT NULL,
  begun_us INTEGER NOT NULL,
  reached_us INTEGER NOT NULL,            -- up to when it is counted
  PRIMARY KEY (day, stream_id, listener, begun_us)
);

CREATE TABLE audience_files (
  day INTEGER NOT NULL PRIMARY KEY,
  head INTEGER NOT NULL,                  -- hash of the file's first line: another file begins at 0
  bytes INTEGER NOT NULL,                 -- of it that are in the sums
  bad INTEGER NOT NULL,                   -- lines that were none
  closed INTEGER NOT NULL                 -- 1: the day is over; what is kept only until then is gone
);
