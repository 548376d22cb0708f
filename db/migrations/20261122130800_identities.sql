-- +goose Up

-- What a provider of identities told of the person besides their name and contacts.
ALTER TABLE accounts ADD COLUMN birth_date date;

-- Who a person is at providers that vouch for them: the state's sign-in, a bank, a
-- network (ID-09, ID-15). At one provider a person is bound once.
CREATE TABLE identities (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id  text        NOT NULL,
    account_id bigint      NOT NULL REFERENCES accounts,
    provider   text        NOT NULL, -- its key in the file of providers
    issuer     text        NOT NULL,
    subject    text        NOT NULL,
    name       text        NOT NULL DEFAULT '', -- as the provider shows the person
    email      text        NOT NULL DEFAULT '',
    linked_at  timestamptz NOT NULL DEFAULT now(),
    used_at    timestamptz,
    CONSTRAINT identities_public_id UNIQUE (public_id),
    CONSTRAINT identities_subject UNIQUE (issuer, subject),
    CONSTRAINT identities_one_at_a_provider UNIQUE (account_id, issuer)
);

-- Ways to a provider and back that are under way. What has to stay secret until the
-- answer, the nonce and the verifier, follows from the state and a cookie of which
-- only the hash is kept; it stands nowhere.
CREATE TABLE identity_requests (
    state_hash   bytea       NOT NULL PRIMARY KEY,
    browser_hash bytea       NOT NULL, -- of the cookie of the browser that went
    provider     text        NOT NULL,
    purpose      text        NOT NULL,
    account_id   bigint REFERENCES accounts, -- whose binding it is
    next         text        NOT NULL DEFAULT '/',
    expires_at   timestamptz NOT NULL,
    used_at      timestamptz,
    CONSTRAINT identity_requests_state_hash_length CHECK (octet_length(state_hash) = 32),
    CONSTRAINT identity_requests_browser_hash_length CHECK (octet_length(browser_hash) = 32),
    CONSTRAINT identity_requests_purpose CHECK (purpose IN ('sign_in', 'link')),
    CONSTRAINT identity_requests_account CHECK ((purpose = 'link') = (account_id IS NOT NULL))
);
CREATE INDEX identity_requests_by_expiry ON identity_requests (expires_at);

-- Logout tokens that were taken, so that none is taken twice, and the sessions of
-- providers that are over, so that a sign-in still under way does not open one.
CREATE TABLE identity_logouts (
    issuer       text        NOT NULL,
    token_hash   bytea       NOT NULL, -- of its jti
    provider_sid text        NOT NULL DEFAULT '',
    expires_at   timestamptz NOT NULL,
    PRIMARY KEY (issuer, token_hash),
    CONSTRAINT identity_logouts_token_hash_length CHECK (octet_length(token_hash) = 32)
);
CREATE INDEX identity_logouts_by_expiry ON identity_logouts (expires_at);
CREATE INDEX identity_logouts_by_session ON identity_logouts (issuer, provider_sid) WHERE provider_sid <> '';

-- Through whom a session was opened, and what the provider calls its own session.
ALTER TABLE sessions
    ADD COLUMN identity_id  bigint REFERENCES identities ON DELETE SET NULL,
    ADD COLUMN provider_sid text NOT NULL DEFAULT '';
CREATE INDEX sessions_by_identity ON sessions (identity_id) WHERE identity_id IS NOT NULL;
ALTER TABLE pending_sign_ins
    ADD COLUMN identity_id  bigint REFERENCES identities ON DELETE CASCADE,
    ADD COLUMN provider_sid text NOT NULL DEFAULT '';
CREATE INDEX pending_sign_ins_by_identity ON pending_sign_ins (identity_id) WHERE identity_id IS NOT NULL;
