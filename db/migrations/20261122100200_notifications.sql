-- +goose Up

-- Items of people's feeds. The text is not here: a kind and its facts are put into
-- words when they are read. cause is what a person is told of once.
CREATE TABLE notifications (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id  text        NOT NULL DEFAULT replace(gen_random_uuid()::text, '-', ''),
    account_id bigint      NOT NULL REFERENCES accounts,
    kind       text        NOT NULL,
    section    text        NOT NULL,
    facts      jsonb       NOT NULL DEFAULT '{}',
    path       text        NOT NULL,
    cause      text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    read_at    timestamptz,
    CONSTRAINT notifications_public_id UNIQUE (public_id),
    CONSTRAINT notifications_once UNIQUE (account_id, cause),
    CONSTRAINT notifications_path CHECK (path LIKE '/%')
);
CREATE INDEX notifications_feed ON notifications (account_id, created_at DESC);
CREATE INDEX notifications_by_section ON notifications (account_id, section, created_at DESC);
CREATE INDEX notifications_unread ON notifications (account_id, created_at DESC) WHERE read_at IS NULL;

-- What left the portal, by which channel, and what became of it (NTF-17).
CREATE TABLE notification_deliveries (
    notification_id bigint      NOT NULL REFERENCES notifications,
    channel         text        NOT NULL,
    state           text        NOT NULL DEFAULT 'queued',
    at              timestamptz NOT NULL DEFAULT clock_timestamp(), -- of the state
    PRIMARY KEY (notification_id, channel),
    CONSTRAINT notification_deliveries_channel CHECK (channel IN ('mail')),
    CONSTRAINT notification_deliveries_state CHECK (state IN ('queued', 'sent', 'failed'))
);

-- A person without a row has chosen nothing.
CREATE TABLE notification_settings (
    account_id bigint  PRIMARY KEY REFERENCES accounts,
    mail       boolean NOT NULL
);
