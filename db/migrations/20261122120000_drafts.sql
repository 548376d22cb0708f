-- +goose Up
-- A decision that was taken back stays with who has the item, as the form's ground and
-- note: they begin with what they typed. Its outcome does not, it has to be chosen anew.
ALTER TABLE moderation_items
    DROP CONSTRAINT moderation_items_ground,
    ADD CONSTRAINT moderation_items_ground CHECK (state = 'waiting' OR (ground <> '') = (outcome = 'refuse'));
