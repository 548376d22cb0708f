-- +goose Up
-- Texts that wait for a moderator, and what was decided about them. The text is a
-- copy: what is decided about is what was looked at.
CREATE TABLE moderation_items (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind         text        NOT NULL,
    object_id    bigint      NOT NULL,
    author_id    bigint      NOT NULL REFERENCES accounts,
    title        text        NOT NULL DEFAULT '',
    path         text        NOT NULL,
    text         text        NOT NULL,
    suspicions   text[]      NOT NULL DEFAULT '{}',
    created_at   timestamptz NOT NULL,
    due_at       timestamptz NOT NULL,
    state        text        NOT NULL DEFAULT 'waiting',
    -- The lease: who has the item until when, who lost it before, and a number that
    -- grows whenever it passes into other hands.
    held_by      bigint      REFERENCES accounts,
    held_before  bigint      REFERENCES accounts,
    held_until   timestamptz,
    token        bigint      NOT NULL DEFAULT 0,
    decided_by   bigint      REFERENCES accounts,
    outcome      text        NOT NULL DEFAULT '',
    ground       text        NOT NULL DEFAULT '',
    note         text        NOT NULL DEFAULT '',
    decided_at   timestamptz,
    effective_at timestamptz,
    CONSTRAINT moderation_items_object UNIQUE (kind, object_id),
    CONSTRAINT moderation_items_state CHECK (state IN ('waiting', 'decided', 'settled')),
    CONSTRAINT moderation_items_lease CHECK ((held_by IS NULL) = (held_until IS NULL)),
    CONSTRAINT moderation_items_lease_waits CHECK (held_by IS NULL OR state = 'waiting'),
    CONSTRAINT moderation_items_outcome CHECK (outcome IN ('', 'allow', 'refuse')),
    CONSTRAINT moderation_items_ground CHECK ((ground <> '') = (outcome = 'refuse')),
    CONSTRAINT moderation_items_decided CHECK (
        (state = 'waiting') = (decided_by IS NULL) AND
        (state = 'waiting') = (outcome = '') AND
        (state = 'waiting') = (decided_at IS NULL) AND
        (state = 'waiting') = (effective_at IS NULL)
    ),
    CONSTRAINT moderation_items_not_own CHECK (author_id <> decided_by AND author_id <> held_by)
);
-- The queue by deadline, however long it gets and however much was settled before.
CREATE INDEX moderation_items_open ON moderation_items (due_at, id) WHERE state <> 'settled';
-- The newest of it, for pages that tell what they do not show yet.
CREATE INDEX moderation_items_newest ON moderation_items (id DESC) WHERE state <> 'settled';
CREATE INDEX moderation_items_undo ON moderation_items (decided_by, id) WHERE state = 'decided';
CREATE INDEX moderation_items_by_author ON moderation_items (author_id, outcome) WHERE state = 'settled';
