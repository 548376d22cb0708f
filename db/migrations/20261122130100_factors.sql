-- +goose Up

-- The key that a person's app makes codes from (RFC 6238). It has to be known to
-- check a code, so it is sealed and not hashed: who reads the database alone makes
-- no codes.
CREATE TABLE totp_keys (
    account_id   bigint      NOT NULL PRIMARY KEY REFERENCES accounts,
    sealed       bytea       NOT NULL, -- AES-256-GCM under a key of the portal's secret, bound to the account
    created_at   timestamptz NOT NULL DEFAULT now(),
    confirmed_at timestamptz, -- NULL until the app showed its first good code
    last_step    bigint      NOT NULL DEFAULT 0 -- of the code taken last: none is taken twice
);

-- Public keys of passkeys (WebAuthn level 3, 4, credential record). The private
-- halves never leave people's devices.
CREATE TABLE passkeys (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id       text        NOT NULL,
    account_id      bigint      NOT NULL REFERENCES accounts,
    credential_id   bytea       NOT NULL,
    public_key      bytea       NOT NULL, -- COSE
    sign_count      bigint      NOT NULL,
    transports      text[]      NOT NULL DEFAULT '{}',
    aaguid          bytea       NOT NULL, -- model of the authenticator
    backup_eligible boolean     NOT NULL, -- may live on several devices of the person
    backed_up       boolean     NOT NULL,
    name            text        NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    used_at         timestamptz,
    CONSTRAINT passkeys_public_id UNIQUE (public_id),
    CONSTRAINT passkeys_credential_id UNIQUE (credential_id),
    CONSTRAINT passkeys_credential_id_length CHECK (octet_length(credential_id) BETWEEN 1 AND 1023),
    CONSTRAINT passkeys_name CHECK (char_length(name) BETWEEN 1 AND 60)
);
CREATE INDEX passkeys_by_account ON passkeys (account_id, id);

-- What a device is asked to sign. A row goes away with the answer to it.
CREATE TABLE passkey_challenges (
    challenge  text        NOT NULL PRIMARY KEY,
    purpose    text        NOT NULL,
    holder     text        NOT NULL, -- who may answer: a session, a pending sign-in, a browser
    account_id bigint REFERENCES accounts, -- NULL where the answer is to say who it is
    asked      jsonb       NOT NULL, -- what the answer is checked against
    expires_at timestamptz NOT NULL,
    CONSTRAINT passkey_challenges_purpose CHECK (purpose IN ('register', 'assert', 'discover'))
);
CREATE INDEX passkey_challenges_by_expiry ON passkey_challenges (expires_at);
CREATE INDEX passkey_challenges_by_account ON passkey_challenges (account_id) WHERE account_id IS NOT NULL;

-- One-time codes on paper, for when the device is lost (SEC-04), as keyed hashes.
CREATE TABLE backup_codes (
    account_id bigint      NOT NULL REFERENCES accounts,
    hash       bytea       NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at    timestamptz,
    PRIMARY KEY (account_id, hash),
    CONSTRAINT backup_codes_hash_length CHECK (octet_length(hash) = 32)
);
