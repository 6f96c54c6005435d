-- Version 2: accounts, sessions, audit, outbox (src/staff, src/record).

CREATE TABLE audit (
  number INTEGER NOT NULL PRIMARY KEY,    -- 1, 2, 3 ... without a gap
  at INTEGER NOT NULL,                    -- when
  account_id INTEGER NOT NULL,            -- who; 0: no account. No reference: the log outlives everything
  who TEXT NOT NULL,                      -- the name it had then
  verb TEXT NOT NULL,                     -- "publish"
  kind TEXT NOT NULL,                     -- of the thing: "article"
  thing_id INTEGER NOT NULL,              -- 0: the station
  before TEXT NOT NULL,                   -- plain text, at most 4,000 bytes
  after TEXT NOT NULL,                    -- the same
  hash BLOB NOT NULL                      -- (derived) SHA-256 over the hash before and this row (src/record/audit.c)
);
CREATE INDEX audit_by_account ON audit (account_id, number);
CREATE INDEX audit_by_thing ON audit (kind, thing_id, number);
CREATE INDEX audit_by_time ON audit (at, number);

CREATE TABLE outbox (
  id INTEGER NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,                     -- "mail"
  idempotency_key TEXT NOT NULL UNIQUE,   -- by which the other end knows a repetition
  payload TEXT NOT NULL,                  -- JSON of the kind; '' once it is done
  state INTEGER NOT NULL,                 -- enum outbox_state
  due_at INTEGER NOT NULL,                -- waiting: when; claimed: when the claim runs out; done, dead: since when
  attempts INTEGER NOT NULL,              -- claims so far
  error TEXT NOT NULL                     -- what the last attempt failed of; ''
);
CREATE INDEX outbox_by_due ON outbox (state, due_at);

CREATE TABLE accounts (
  id INTEGER NOT NULL PRIMARY KEY,
  login TEXT NOT NULL,                    -- e-mail address in lower case
  name TEXT NOT NULL,                     -- as colleagues see it; bylines are people's, not accounts'
  roles INTEGER NOT NULL,                 -- bits of enum staff_role
  languages INTEGER NOT NULL,             -- bits of enum text_lang; 0: all
  desk_lang TEXT NOT NULL,                -- code of the language of the desk's own words
  state INTEGER NOT NULL,                 -- enum account_state; deleted ones stay for the audit's names
  password TEXT NOT NULL,                 -- Argon2id in its text form; '': none
  created_at INTEGER NOT NULL,
  last_login_at INTEGER NOT NULL,
  version INTEGER NOT NULL                -- +1 at each save
);
CREATE UNIQUE INDEX accounts_by_login ON accounts (login) WHERE state <> 3;

CREATE TABLE account_sections (
  account_id INTEGER NOT NULL REFERENCES accounts (id),
  section_id INTEGER NOT NULL REFERENCES sections (id), -- a section in use here cannot go: without rows all are allowed
  PRIMARY KEY (account_id, section_id)
);
CREATE INDEX account_sections_by_section ON account_sections (section_id);

CREATE TABLE totp_secrets (
  account_id INTEGER NOT NULL REFERENCES accounts (id),
  confirmed INTEGER NOT NULL,             -- 0: begun, counts once a code of it was seen; 1: in use
  secret BLOB NOT NULL,                   -- nonce and secretbox of 20 bytes under the secret "totp-key"
  used_step INTEGER NOT NULL,             -- the newest 30 s step whose code was taken; it and those before are refused
  created_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, confirmed)
);

CREATE TABLE recovery_codes (
  account_id INTEGER NOT NULL REFERENCES accounts (id),
  code_hash BLOB NOT NULL,                -- SHA-256 of the code's 24 characters, normalised
  used_at INTEGER NOT NULL,               -- 0: not yet
  PRIMARY KEY (account_id, code_hash)
);

CREATE TABLE passkeys (
  id INTEGER NOT NULL PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES accounts (id),
  name TEXT NOT NULL,                     -- the owner's word for it
  credential BLOB NOT NULL UNIQUE,        -- the authenticator's id of it
  algorithm INTEGER NOT NULL,             -- COSE: -7 ES256, -8 EdDSA
  public_key BLOB NOT NULL,               -- ES256: x and y, 64 bytes; EdDSA: 32 bytes
  counter INTEGER NOT NULL,               -- of signatures as last seen; 0: the authenticator does not count
  created_at INTEGER NOT NULL,
  used_at INTEGER NOT NULL
);
CREATE INDEX passkeys_by_account ON passkeys (account_id, created_at);

CREATE TABLE sessions (
  id INTEGER NOT NULL PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES accounts (id),
  token_hash BLOB NOT NULL UNIQUE,        -- SHA-256 of the cookie's token
  half_in INTEGER NOT NULL,               -- 1: the second proof is outstanding
  begun_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,               -- noted once a minute
  proved_at INTEGER NOT NULL,             -- of the last proof
  ended_at INTEGER NOT NULL,              -- 0: not by anybody; it may have expired
  device TEXT NOT NULL,                   -- "Firefox on Linux"
  challenge BLOB NOT NULL                 -- 32 bytes of the passkey step under way; empty: none
);
CREATE INDEX sessions_by_account ON sessions (account_id, begun_at);
CREATE INDEX sessions_by_begin ON sessions (begun_at);

CREATE TABLE staff_links (
  token_hash BLOB NOT NULL PRIMARY KEY,   -- SHA-256 of the token in the address
  purpose INTEGER NOT NULL,               -- enum link_purpose
  account_id INTEGER NOT NULL,            -- 0: the first administrator, who has no account yet
  made_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER NOT NULL                -- 0: not yet; made void counts as used
);
CREATE INDEX staff_links_by_account ON staff_links (account_id, purpose);

CREATE TABLE kept_forms (
  id INTEGER NOT NULL PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES accounts (id),
  path TEXT NOT NULL,                     -- the address it was sent to
  fields TEXT NOT NULL,                   -- as a form is encoded; no passwords, no codes
  kept_at INTEGER NOT NULL
);
CREATE INDEX kept_forms_by_account ON kept_forms (account_id, kept_at);
