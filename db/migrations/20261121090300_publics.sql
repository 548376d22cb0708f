-- +goose Up
CREATE TABLE publics (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slug       text        NOT NULL,
    name       text        NOT NULL,
    about      text        NOT NULL DEFAULT '',
    posts      bigint      NOT NULL DEFAULT 0, -- published ones; publishing is rare, so one row bears it
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT publics_slug UNIQUE (slug),
    CONSTRAINT publics_slug_form CHECK (slug ~ '^[a-z][a-z0-9-]{1,39}$')
);
CREATE INDEX publics_by_name ON publics (name, id);

CREATE TABLE posts (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id    bigint      NOT NULL REFERENCES publics,
    author_id    bigint      NOT NULL REFERENCES accounts,
    kind         text        NOT NULL,
    title        text        NOT NULL,
    body         text        NOT NULL, -- plain paragraphs, an empty line between them
    state        text        NOT NULL DEFAULT 'draft',
    published_at timestamptz,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT posts_kind CHECK (kind IN ('news', 'article', 'notice')),
    CONSTRAINT posts_state CHECK (state IN ('draft', 'scheduled', 'published', 'withdrawn')),
    CONSTRAINT posts_published_at CHECK (state <> 'published' OR published_at IS NOT NULL)
);
CREATE INDEX posts_latest ON posts (published_at DESC, id DESC) WHERE state = 'published';
CREATE INDEX posts_by_public ON posts (public_id, published_at DESC, id DESC) WHERE state = 'published';
CREATE INDEX posts_by_kind ON posts (public_id, kind, published_at DESC, id DESC) WHERE state = 'published';
CREATE INDEX posts_by_author ON posts (author_id, id DESC);

-- A reply names the comment it answers, of the same post; replies are one level
-- deep. An official comment speaks for the public and not for its author.
CREATE TABLE comments (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    post_id    bigint      NOT NULL REFERENCES posts,
    parent_id  bigint,
    author_id  bigint      NOT NULL REFERENCES accounts,
    official   boolean     NOT NULL DEFAULT false,
    body       text        NOT NULL,
    state      text        NOT NULL DEFAULT 'pending',
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT comments_state CHECK (state IN ('pending', 'published', 'rejected', 'removed')),
    CONSTRAINT comments_of_post UNIQUE (post_id, id),
    CONSTRAINT comments_parent FOREIGN KEY (post_id, parent_id) REFERENCES comments (post_id, id),
    CONSTRAINT comments_not_own_parent CHECK (parent_id <> id)
);
CREATE INDEX comments_threads ON comments (post_id, id DESC) WHERE state = 'published' AND parent_id IS NULL;
CREATE INDEX comments_replies ON comments (parent_id, id) WHERE state = 'published' AND parent_id IS NOT NULL;
CREATE INDEX comments_by_author ON comments (author_id, id DESC);

CREATE TABLE reactions (
    post_id    bigint      NOT NULL REFERENCES posts,
    account_id bigint      NOT NULL REFERENCES accounts,
    kind       text        NOT NULL DEFAULT 'like',
    reacted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT reactions_one_per_person PRIMARY KEY (post_id, account_id),
    CONSTRAINT reactions_kind CHECK (kind IN ('like'))
);
CREATE INDEX reactions_by_account ON reactions (account_id, post_id);

-- Counters are spread over shards, as those of polls are: a post that everybody
-- reads has no hot row. A count is the sum over its shards; comments counts the
-- published ones, replies included.
CREATE TABLE post_counts (
    post_id  bigint   NOT NULL REFERENCES posts,
    shard    smallint NOT NULL,
    likes    bigint   NOT NULL DEFAULT 0,
    comments bigint   NOT NULL DEFAULT 0,
    PRIMARY KEY (post_id, shard)
) WITH (fillfactor = 50);
