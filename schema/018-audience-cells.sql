-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Version 18: what was listened by service, format, player and country together, for questions of several of them at once.
-- service_id 0 is the whole station, format_id 0 all formats: somebody who listens to two of them is one listener there. Of
-- players and countries there is no such row, because a listener has one of each. What was counted before is in no cell.

CREATE TABLE audience_cells (
  service_id INTEGER NOT NULL,            -- audience_names.id, as the others
  format_id INTEGER NOT NULL,
  day INTEGER NOT NULL,                   -- days since 1970, of UTC
  player_id INTEGER NOT NULL,
  country_id INTEGER NOT NULL,
  listened_us INTEGER NOT NULL,           -- in sessions of 60 s and more
  sessions INTEGER NOT NULL,              -- that reached 60 s on that day
  quarters INTEGER NOT NULL,              -- that reached 15 minutes on that day
  listeners INTEGER NOT NULL,             -- (derived) different ones: audience_listeners, while it has them
  PRIMARY KEY (service_id, format_id, day, player_id, country_id)
);

CREATE TABLE audience_listeners_next (    -- kept until a day is over and all of it is read
  day INTEGER NOT NULL,
  service_id INTEGER NOT NULL,
  format_id INTEGER NOT NULL,
  listener INTEGER NOT NULL,              -- hash with the key of that day, which is gone after it
  PRIMARY KEY (day, service_id, format_id, listener)
);
INSERT INTO audience_listeners_next (day, service_id, format_id, listener)
  SELECT day, service_id, 0, listener FROM audience_listeners;
DROP TABLE audience_listeners;
ALTER TABLE audience_listeners_next RENAME TO audience_listeners;
