-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Version 13: what readers bring along: addresses that this site does not have any more, and messages to the station
-- (src/news/redirect.c, src/news/message.c).

CREATE TABLE redirects (
  id INTEGER NOT NULL PRIMARY KEY,
  source TEXT NOT NULL UNIQUE,            -- path of this site, with its query, in the one form of redirect_address.c
  target TEXT NOT NULL,                   -- path of this site, or an https address; '': gone for good
  made_at INTEGER NOT NULL,
  version INTEGER NOT NULL,               -- +1 at each save
  hits INTEGER NOT NULL,                  -- times that it was asked for
  hit_at INTEGER NOT NULL                 -- the last time, to some seconds; 0: never
);
CREATE INDEX redirects_by_target ON redirects (target);

CREATE TABLE messages (
  id INTEGER NOT NULL PRIMARY KEY,        -- time-ordered, made by the program
  reference TEXT NOT NULL UNIQUE,         -- what the reader was given, "7KQ3-9XFM": random, tells nothing
  lang TEXT NOT NULL,                     -- of the page that it was written on
  topic INTEGER NOT NULL,                 -- enum message_topic
  state INTEGER NOT NULL,                 -- enum message_state
  received_at INTEGER NOT NULL,
  read_at INTEGER NOT NULL,               -- last opened at the desk; 0: not yet
  read_by INTEGER NOT NULL,               -- accounts.id of who did; 0: nobody
  handled_at INTEGER NOT NULL,            -- last change of state; 0: none
  handled_by TEXT NOT NULL,               -- name of the account that did it
  name TEXT NOT NULL,                     -- as the reader wrote it
  email TEXT NOT NULL,                    -- '': none was given
  body TEXT NOT NULL                      -- plain text
);
CREATE INDEX messages_by_state ON messages (state, received_at, id);
CREATE INDEX messages_by_time ON messages (received_at);
CREATE INDEX messages_unread ON messages (state, read_at, lang);
