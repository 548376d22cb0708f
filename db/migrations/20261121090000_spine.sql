-- +goose Up
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- Changes that were committed and not announced yet. A row lives for
-- milliseconds; only what a dead process left stays longer.
CREATE TABLE outbox (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event      text        NOT NULL,
    topic      text        NOT NULL,
    ids        text[]      NOT NULL DEFAULT '{}',
    bye        text        NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Who did what to what (AUD-01, AUD-03). Rows are only ever added.
CREATE TABLE audit_entries (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    account_id bigint,
    session    text        NOT NULL DEFAULT '',
    action     text        NOT NULL,
    object     text        NOT NULL DEFAULT '',
    details    jsonb       NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_entries_by_account ON audit_entries (account_id, id DESC);
CREATE INDEX audit_entries_by_object ON audit_entries (object, id DESC);

-- +goose StatementBegin
CREATE FUNCTION audit_entries_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit entries are never changed or removed';
END
$$;
-- +goose StatementEnd
CREATE TRIGGER audit_entries_stay
    BEFORE UPDATE OR DELETE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_stay();

-- One search table for all areas, fed in the transaction of the change.
CREATE TABLE search_entries (
    kind      text   NOT NULL,
    object_id bigint NOT NULL,
    title     text   NOT NULL,
    body      text   NOT NULL DEFAULT '',
    words     tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('russian', title), 'A') ||
        setweight(to_tsvector('english', title), 'A') ||
        setweight(to_tsvector('russian', body), 'B') ||
        setweight(to_tsvector('english', body), 'B')
    ) STORED,
    PRIMARY KEY (kind, object_id)
);
CREATE INDEX search_entries_by_words ON search_entries USING gin (words);
CREATE INDEX search_entries_by_title ON search_entries USING gin (title gin_trgm_ops);
