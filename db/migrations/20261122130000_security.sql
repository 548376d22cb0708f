-- +goose Up

-- The identifiers a person signs in with, what was proved of them, how they prove
-- who they are, and what keeps them out.
ALTER TABLE accounts
    ADD COLUMN snils              text,
    ADD COLUMN inn                text,
    ADD COLUMN lang               text        NOT NULL DEFAULT 'ru', -- of letters and texts
    ADD COLUMN email_confirmed_at timestamptz,
    ADD COLUMN phone_confirmed_at timestamptz,
    ADD COLUMN password_set_at    timestamptz NOT NULL DEFAULT now(),
    -- A temporary password opens nothing but the page that changes it, and only till then.
    ADD COLUMN password_until     timestamptz,
    ADD COLUMN second_factor      text        NOT NULL DEFAULT 'sms',
    ADD COLUMN phone_sign_in      boolean     NOT NULL DEFAULT true, -- by a code alone
    ADD COLUMN alerts             boolean     NOT NULL DEFAULT true, -- of sign-ins from unknown browsers
    ADD COLUMN bound_to_address   boolean     NOT NULL DEFAULT false, -- sessions end where their address changes
    ADD COLUMN networks           cidr[]      NOT NULL DEFAULT '{}', -- sign-in only from here; empty is anywhere
    ADD COLUMN lock               text        NOT NULL DEFAULT '',
    ADD COLUMN locked_at          timestamptz,
    ADD CONSTRAINT accounts_snils UNIQUE (snils),
    ADD CONSTRAINT accounts_snils_spelling CHECK (snils ~ '^[0-9]{11}$'),
    ADD CONSTRAINT accounts_inn UNIQUE (inn),
    ADD CONSTRAINT accounts_inn_spelling CHECK (inn ~ '^[0-9]{12}$'),
    ADD CONSTRAINT accounts_lang CHECK (lang IN ('ru', 'en')),
    ADD CONSTRAINT accounts_second_factor CHECK (second_factor IN ('off', 'sms', 'mail', 'totp', 'passkey')),
    ADD CONSTRAINT accounts_lock CHECK (lock IN ('', 'suspicious', 'blocked'));
UPDATE accounts SET
    email_confirmed_at = created_at,
    phone_confirmed_at = CASE WHEN phone IS NOT NULL THEN created_at END,
    second_factor = CASE WHEN phone IS NULL THEN 'mail' ELSE 'sms' END
WHERE confirmed;

-- The browsers in which a person has signed in, known by a random cookie of which
-- only the hash is kept. One browser may serve several people.
CREATE TABLE browsers (
    account_id bigint      NOT NULL REFERENCES accounts,
    token_hash bytea       NOT NULL,
    device     text        NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    seen_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, token_hash),
    CONSTRAINT browsers_token_hash_length CHECK (octet_length(token_hash) = 32)
);

-- Devices that a person bound to the account, and how far each of them reaches.
CREATE TABLE devices (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id  text        NOT NULL,
    account_id bigint      NOT NULL REFERENCES accounts,
    kind       text        NOT NULL,
    name       text        NOT NULL DEFAULT '',
    reach      text        NOT NULL DEFAULT 'full',
    token_hash bytea, -- of the cookie by which the device is known; NULL until it is bound
    device     text        NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    bound_at   timestamptz,
    seen_at    timestamptz,
    CONSTRAINT devices_public_id UNIQUE (public_id),
    CONSTRAINT devices_token_hash UNIQUE (token_hash),
    CONSTRAINT devices_token_hash_length CHECK (octet_length(token_hash) = 32),
    CONSTRAINT devices_kind CHECK (kind IN ('phone', 'tablet', 'watch')),
    CONSTRAINT devices_reach CHECK (reach IN ('view', 'sign', 'full'))
);
CREATE INDEX devices_by_account ON devices (account_id, id DESC);

ALTER TABLE sessions
    ADD COLUMN means      text[]      NOT NULL DEFAULT '{password}', -- by which it was opened
    ADD COLUMN proved_at  timestamptz, -- when a second factor was last shown in it
    ADD COLUMN device_id  bigint REFERENCES devices ON DELETE SET NULL,
    ADD COLUMN browser    bytea, -- token_hash in browsers
    ADD COLUMN warned_at  timestamptz, -- when the person was told that it is about to end
    ADD COLUMN end_reason text        NOT NULL DEFAULT '';
-- Those that nobody used for a while are warned, then ended.
CREATE INDEX sessions_by_activity ON sessions (seen_at) WHERE ended_at IS NULL;
CREATE INDEX sessions_history ON sessions (account_id, id DESC);
CREATE INDEX sessions_by_device ON sessions (device_id) WHERE device_id IS NOT NULL;

-- A person whose first proof was good and who is asked for the second. Known, as a
-- session is, by a random token of which only the hash is kept.
CREATE TABLE pending_sign_ins (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token_hash bytea       NOT NULL,
    account_id bigint      NOT NULL REFERENCES accounts,
    means      text[]      NOT NULL,
    next       text        NOT NULL DEFAULT '/',
    tries      integer     NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    CONSTRAINT pending_sign_ins_token_hash UNIQUE (token_hash),
    CONSTRAINT pending_sign_ins_token_hash_length CHECK (octet_length(token_hash) = 32)
);
CREATE INDEX pending_sign_ins_by_expiry ON pending_sign_ins (expires_at);

-- One-time codes on their way to a phone or a mailbox. The code itself stands
-- nowhere: it follows from the portal's secret, the row and the number of the sending.
CREATE TABLE codes (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id  text        NOT NULL,
    purpose    text        NOT NULL,
    account_id bigint REFERENCES accounts, -- NULL where nobody has the login that was typed
    holder     text        NOT NULL, -- who may answer: a session, a pending sign-in, a browser
    channel    text        NOT NULL,
    address    text        NOT NULL, -- '' where nobody has the login that was typed
    lang       text        NOT NULL DEFAULT 'ru',
    sends      integer     NOT NULL DEFAULT 1,
    tries      integer     NOT NULL DEFAULT 0,
    delivery   text        NOT NULL DEFAULT 'queued',
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at    timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    CONSTRAINT codes_public_id UNIQUE (public_id),
    CONSTRAINT codes_channel CHECK (channel IN ('sms', 'mail')),
    CONSTRAINT codes_delivery CHECK (delivery IN ('queued', 'sent', 'delivered', 'failed'))
);
CREATE INDEX codes_by_account ON codes (account_id, purpose, id DESC) WHERE account_id IS NOT NULL;
CREATE INDEX codes_by_age ON codes (created_at);

-- Failed tries, by a keyed hash of what was tried: a login, whether or not anybody
-- has it, an account, a browser. Postgres counts them, so that Redis may be away.
CREATE TABLE sign_in_guards (
    key       bytea       NOT NULL PRIMARY KEY,
    failures  integer     NOT NULL DEFAULT 0,
    closed_at timestamptz, -- when there were too many
    failed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT sign_in_guards_key_length CHECK (octet_length(key) = 32)
) WITH (fillfactor = 80);
CREATE INDEX sign_in_guards_by_age ON sign_in_guards (failed_at);

-- What a person reads about their own account: sign-ins, refusals, changes of what
-- proves who they are. The audit is another log, for administrators.
CREATE TABLE account_events (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id bigint      NOT NULL REFERENCES accounts,
    kind       text        NOT NULL,
    at         timestamptz NOT NULL DEFAULT now(),
    device     text        NOT NULL DEFAULT '',
    address    text        NOT NULL DEFAULT '',
    session    text        NOT NULL DEFAULT '', -- public id
    facts      jsonb       NOT NULL DEFAULT '{}'
);
CREATE INDEX account_events_by_account ON account_events (account_id, id DESC);

-- Wrong second proofs, by whichever method, till one is right.
CREATE TABLE proof_failures (
    account_id bigint      NOT NULL PRIMARY KEY REFERENCES accounts,
    failures   integer     NOT NULL DEFAULT 0,
    failed_at  timestamptz NOT NULL DEFAULT now()
);
