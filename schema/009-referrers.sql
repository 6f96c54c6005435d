-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Version 9: from which other sites' pages readers came, for the statistics (src/record/referrers.c).

CREATE TABLE referrer_hosts (
  id INTEGER NOT NULL PRIMARY KEY,        -- 1, 2, 3 ...; at most REFERRER_HOSTS_MAX
  host TEXT NOT NULL UNIQUE               -- "news.example": lower case, without "www."
);

CREATE TABLE referrer_days (
  day INTEGER NOT NULL,                   -- civil day number, as in read_days
  number INTEGER NOT NULL,                -- article number
  host_id INTEGER NOT NULL REFERENCES referrer_hosts (id),
  reads INTEGER NOT NULL,                 -- readers who came from there
  PRIMARY KEY (day, number, host_id)
);
CREATE INDEX referrer_days_by_host ON referrer_days (host_id);
