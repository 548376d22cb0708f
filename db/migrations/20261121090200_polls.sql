-- +goose Up
CREATE TABLE polls (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    question    text        NOT NULL,
    description text        NOT NULL DEFAULT '',
    topic       text        NOT NULL,
    status      text        NOT NULL DEFAULT 'scheduled',
    opens_at    timestamptz NOT NULL,
    closes_at   timestamptz NOT NULL,
    electorate  bigint      NOT NULL DEFAULT 0,
    listed_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT polls_status CHECK (status IN ('scheduled', 'open', 'closed')),
    CONSTRAINT polls_close_after_opening CHECK (closes_at > opens_at)
);
-- When a poll became news: announced, then opened. Lists are in this order, and
-- it is their key.
CREATE UNIQUE INDEX polls_by_listing ON polls (listed_at DESC);
CREATE INDEX polls_by_status ON polls (status, listed_at DESC);
CREATE INDEX polls_open_by_close ON polls (closes_at, id) WHERE status = 'open';

CREATE TABLE poll_options (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    poll_id  bigint NOT NULL REFERENCES polls,
    position int    NOT NULL,
    text     text   NOT NULL,
    CONSTRAINT poll_options_position UNIQUE (poll_id, position),
    CONSTRAINT poll_options_of_poll UNIQUE (poll_id, id)
);

-- One ballot per person and poll. The choice is kept with the ballot so that its
-- owner sees it and the counters can be recounted; nobody else is ever shown it.
CREATE TABLE ballots (
    poll_id     bigint      NOT NULL REFERENCES polls,
    account_id  bigint      NOT NULL REFERENCES accounts,
    option_id   bigint      NOT NULL,
    request_key text        NOT NULL,
    cast_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT ballots_one_per_person PRIMARY KEY (poll_id, account_id),
    CONSTRAINT ballots_option_of_poll FOREIGN KEY (poll_id, option_id) REFERENCES poll_options (poll_id, id)
);
CREATE INDEX ballots_by_account ON ballots (account_id, poll_id);

-- Counters are spread over shards: one hot row would let a single vote through
-- at a time. A count is the sum over its shards.
CREATE TABLE poll_tallies (
    poll_id   bigint   NOT NULL REFERENCES polls,
    option_id bigint   NOT NULL,
    shard     smallint NOT NULL,
    votes     bigint   NOT NULL,
    PRIMARY KEY (poll_id, option_id, shard)
) WITH (fillfactor = 50);

CREATE TABLE poll_turnouts (
    poll_id bigint      NOT NULL REFERENCES polls,
    hour    timestamptz NOT NULL,
    shard   smallint    NOT NULL,
    votes   bigint      NOT NULL,
    PRIMARY KEY (poll_id, hour, shard)
) WITH (fillfactor = 50);
