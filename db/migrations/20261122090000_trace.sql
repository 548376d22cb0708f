-- +goose Up
-- The request or job a change came from, so that the log of whichever process
-- announces it names the same id.
ALTER TABLE outbox ADD COLUMN trace text NOT NULL DEFAULT '';
