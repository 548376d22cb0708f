-- +goose Up
-- The newest of the queue are found by deadline, with moderation_items_open.
DROP INDEX moderation_items_newest;
