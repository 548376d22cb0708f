-- +goose Up
CREATE TABLE accounts (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id     text        NOT NULL,
    name          text        NOT NULL,
    email         text        NOT NULL,
    phone         text,
    password_hash text        NOT NULL DEFAULT '',
    confirmed     boolean     NOT NULL DEFAULT false,
    rights        bigint      NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT accounts_public_id UNIQUE (public_id),
    -- Logins are kept in one spelling, so that equal bytes mean the same person.
    CONSTRAINT accounts_email UNIQUE (email),
    CONSTRAINT accounts_email_spelling CHECK (email = lower(email COLLATE "C")),
    CONSTRAINT accounts_phone UNIQUE (phone),
    CONSTRAINT accounts_phone_spelling CHECK (phone ~ '^\+[1-9][0-9]{7,14}$')
);

CREATE TABLE grants (
    account_id bigint      NOT NULL REFERENCES accounts,
    role       text        NOT NULL,
    scope      text        NOT NULL DEFAULT '',
    until      timestamptz,
    granted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, role, scope)
);

-- A session is known by a random token of which only the hash is kept, and shown
-- by its public id.
CREATE TABLE sessions (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id  text        NOT NULL,
    token_hash bytea       NOT NULL,
    account_id bigint      NOT NULL REFERENCES accounts,
    device     text        NOT NULL DEFAULT '',
    address    text        NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    seen_at    timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    ended_at   timestamptz,
    CONSTRAINT sessions_token_hash UNIQUE (token_hash),
    CONSTRAINT sessions_token_hash_length CHECK (octet_length(token_hash) = 32),
    CONSTRAINT sessions_public_id UNIQUE (public_id)
) WITH (fillfactor = 80); -- seen_at moves every minute
CREATE INDEX sessions_by_account ON sessions (account_id, id DESC) WHERE ended_at IS NULL;
CREATE INDEX sessions_by_expiry ON sessions (expires_at) WHERE ended_at IS NULL;
