-- +goose Up

-- A person may put old lines of their journal out of sight. The audit keeps its own.
ALTER TABLE account_events ADD COLUMN hidden_at timestamptz;

-- Failed tries from unknown browsers may be told of as well.
ALTER TABLE accounts ADD COLUMN attempt_alerts boolean NOT NULL DEFAULT true;

-- What a person is asked to confirm: «Это я» or «Это не я». Known by a token of which
-- only the hash is kept; the token itself follows from the portal's secret.
CREATE TABLE alerts (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id   text        NOT NULL,
    account_id  bigint      NOT NULL REFERENCES accounts,
    event_id    bigint      NOT NULL REFERENCES account_events,
    kind        text        NOT NULL,
    token_hash  bytea       NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL,
    answered_at timestamptz,
    answer      text        NOT NULL DEFAULT '',
    CONSTRAINT alerts_public_id UNIQUE (public_id),
    CONSTRAINT alerts_once UNIQUE (event_id),
    CONSTRAINT alerts_token_hash UNIQUE (token_hash),
    CONSTRAINT alerts_token_hash_length CHECK (octet_length(token_hash) = 32),
    CONSTRAINT alerts_answer CHECK (answer IN ('', 'mine', 'not_mine'))
);
CREATE INDEX alerts_by_account ON alerts (account_id, id DESC);

-- Some alerts come by text message too.
ALTER TABLE notification_deliveries
    DROP CONSTRAINT notification_deliveries_channel,
    ADD CONSTRAINT notification_deliveries_channel CHECK (channel IN ('mail', 'sms'));
