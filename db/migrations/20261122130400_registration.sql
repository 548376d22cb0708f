-- +goose Up

-- An address is a person's own, and their login, once they showed that they read it.
-- Until then it is only what they said: others may have said the same.
ALTER TABLE accounts
    ADD COLUMN email_wanted text NOT NULL DEFAULT '',
    ADD COLUMN phone_wanted text NOT NULL DEFAULT '',
    ADD COLUMN consented_at timestamptz, -- to the processing of personal data
    ADD COLUMN confirm_asked_at timestamptz, -- when they were led to «Подтверждение учётной записи»
    DROP CONSTRAINT accounts_email;
CREATE UNIQUE INDEX accounts_email ON accounts (email) WHERE email <> '';

-- Registrations that are under way. Known, as a session is, by a random token of which
-- only the hash is kept.
CREATE TABLE registrations (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token_hash   bytea       NOT NULL,
    name         text        NOT NULL,
    email        text        NOT NULL,
    phone        text        NOT NULL,
    lang         text        NOT NULL DEFAULT 'ru',
    channel      text        NOT NULL, -- by which the code went
    code         text        NOT NULL, -- public id of the code
    confirmed_at timestamptz, -- when the code was answered
    account_id   bigint REFERENCES accounts, -- that came of it
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL,
    CONSTRAINT registrations_token_hash UNIQUE (token_hash),
    CONSTRAINT registrations_token_hash_length CHECK (octet_length(token_hash) = 32),
    CONSTRAINT registrations_channel CHECK (channel IN ('sms', 'mail'))
);
CREATE INDEX registrations_by_expiry ON registrations (expires_at);

-- Links in letters by which people confirm their e-mail. The token follows from the
-- portal's secret and the public id; only its hash is here.
CREATE TABLE email_links (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id  text        NOT NULL,
    token_hash bytea       NOT NULL,
    account_id bigint      NOT NULL REFERENCES accounts,
    email      text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    CONSTRAINT email_links_public_id UNIQUE (public_id),
    CONSTRAINT email_links_token_hash UNIQUE (token_hash),
    CONSTRAINT email_links_token_hash_length CHECK (octet_length(token_hash) = 32)
);
CREATE INDEX email_links_by_expiry ON email_links (expires_at);
CREATE INDEX email_links_by_account ON email_links (account_id, id DESC);

-- Sign-ins by a code alone that wait for it, also for numbers that nobody has.
CREATE TABLE phone_sign_ins (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token_hash bytea       NOT NULL,
    account_id bigint REFERENCES accounts, -- NULL where nothing is sent
    shown      text        NOT NULL, -- the number, masked
    code       text        NOT NULL, -- public id of the code
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    CONSTRAINT phone_sign_ins_token_hash UNIQUE (token_hash),
    CONSTRAINT phone_sign_ins_token_hash_length CHECK (octet_length(token_hash) = 32)
);
CREATE INDEX phone_sign_ins_by_expiry ON phone_sign_ins (expires_at);

-- What was changed for another contact, till its former reader was told.
CREATE TABLE contact_changes (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id bigint      NOT NULL REFERENCES accounts,
    channel    text        NOT NULL,
    former     text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT contact_changes_channel CHECK (channel IN ('sms', 'mail'))
);
CREATE INDEX contact_changes_by_age ON contact_changes (created_at);

-- When people were advised to change an old password (ID-08).
CREATE TABLE password_reminders (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id bigint      NOT NULL REFERENCES accounts,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX password_reminders_by_account ON password_reminders (account_id, id DESC);
