-- +goose Up

-- Somebody who asks to get back into an account: for a new password (REC-01) or to
-- have a lock lifted (REC-04, REC-05). Known, as a session is, by a random token of
-- which only the hash is kept. There is such a row, and a code on its way, for logins
-- that nobody has, too.
CREATE TABLE recoveries (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id   text        NOT NULL,
    token_hash  bytea       NOT NULL,
    intent      text        NOT NULL,
    account_id  bigint REFERENCES accounts, -- NULL where nobody has the login
    login_kind  text        NOT NULL,
    login_value text        NOT NULL, -- '' once it is over
    step        text        NOT NULL DEFAULT 'code',
    channel     text        NOT NULL, -- of the code
    switched    boolean     NOT NULL DEFAULT false, -- to the contact that was not asked for first
    code        text        NOT NULL DEFAULT '', -- public id
    lang        text        NOT NULL DEFAULT 'ru',
    questions   boolean     NOT NULL DEFAULT false, -- the control questions were answered rightly
    paper       bytea, -- what is typed of the paper, sealed; NULL once it is decided
    state       text        NOT NULL DEFAULT '', -- of the decision about the paper
    reason      text        NOT NULL DEFAULT '',
    asked_at    timestamptz, -- when the decision was asked for
    decided_at  timestamptz,
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz,
    CONSTRAINT recoveries_public_id UNIQUE (public_id),
    CONSTRAINT recoveries_token_hash UNIQUE (token_hash),
    CONSTRAINT recoveries_token_hash_length CHECK (octet_length(token_hash) = 32),
    CONSTRAINT recoveries_intent CHECK (intent IN ('password', 'unlock')),
    CONSTRAINT recoveries_step CHECK (step IN ('code', 'questions', 'proof', 'password', 'evidence', 'waiting', 'done')),
    CONSTRAINT recoveries_state CHECK (state IN ('', 'checking', 'desk', 'approved', 'refused')),
    CONSTRAINT recoveries_paper CHECK (paper IS NULL OR state IN ('', 'checking', 'desk'))
);
CREATE INDEX recoveries_by_account ON recoveries (account_id, id DESC) WHERE account_id IS NOT NULL;
CREATE INDEX recoveries_by_age ON recoveries (created_at);

-- What people ask the support desk for when the portal cannot decide by itself
-- (REC-06, REC-07, C-28).
CREATE TABLE recovery_requests (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key         text        NOT NULL, -- of the form: sent twice, it asks once
    recovery_id bigint REFERENCES recoveries ON DELETE SET NULL, -- whose paper it is about
    account_id  bigint REFERENCES accounts, -- found by what was typed
    name        text        NOT NULL DEFAULT '', -- as typed, and so are the next
    inn         text        NOT NULL DEFAULT '',
    contact     text        NOT NULL DEFAULT '',
    channel     text        NOT NULL DEFAULT '', -- of the contact
    login       text        NOT NULL DEFAULT '',
    text        text        NOT NULL DEFAULT '',
    lang        text        NOT NULL DEFAULT 'ru',
    questions   boolean     NOT NULL DEFAULT false, -- the control questions were answered rightly
    checked_by  bigint REFERENCES accounts, -- who asked them
    seconded_by bigint REFERENCES accounts, -- who else is sure
    state       text        NOT NULL DEFAULT 'waiting',
    reason      text        NOT NULL DEFAULT '',
    decided_by  bigint REFERENCES accounts,
    decided_at  timestamptz,
    created_at  timestamptz NOT NULL DEFAULT now(),
    due_at      timestamptz NOT NULL,
    CONSTRAINT recovery_requests_key UNIQUE (key),
    CONSTRAINT recovery_requests_recovery UNIQUE (recovery_id),
    CONSTRAINT recovery_requests_state CHECK (state IN ('waiting', 'issued', 'lifted', 'refused')),
    CONSTRAINT recovery_requests_two CHECK (seconded_by IS DISTINCT FROM decided_by OR seconded_by IS NULL)
);
CREATE INDEX recovery_requests_queue ON recovery_requests (due_at, id) WHERE state = 'waiting';
