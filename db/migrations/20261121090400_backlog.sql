-- +goose Up
-- After a long outage of Redis the outbox holds a row of every change: the sweep
-- takes them in order without sorting all that wait each time.
CREATE INDEX outbox_sweep ON outbox ((bye = ''), id);

-- Audit entries do not go all at once either.
CREATE TRIGGER audit_entries_stay_whole
    BEFORE TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_stay();

-- Grants whose time ran out are looked for every minute.
CREATE INDEX grants_by_end ON grants (until) WHERE until IS NOT NULL;
