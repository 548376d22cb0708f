-- +goose Up
-- Who reads what, for as long as a window lasts: a reader is a keyed hash, of an
-- account or of a guest's cookie, and is forgotten soon after the window ended.
CREATE TABLE post_readers (
    post_id   bigint      NOT NULL REFERENCES posts,
    reader    text        NOT NULL,
    opened_at timestamptz NOT NULL, -- when the window began
    seen_at   timestamptz NOT NULL, -- last sign of the reader, to the minute
    PRIMARY KEY (post_id, reader)
) WITH (fillfactor = 80);
CREATE INDEX post_readers_by_sign ON post_readers (seen_at);

-- How a post was read, hour by hour. Spread over shards as other counters are: a
-- number is the sum over all shards.
CREATE TABLE post_hours (
    post_id bigint      NOT NULL REFERENCES posts,
    hour    timestamptz NOT NULL,
    shard   smallint    NOT NULL,
    views   bigint      NOT NULL DEFAULT 0,
    seconds bigint      NOT NULL DEFAULT 0, -- that pages of the post were in view
    PRIMARY KEY (post_id, hour, shard)
) WITH (fillfactor = 50);
CREATE INDEX post_hours_lately ON post_hours (hour, post_id);
