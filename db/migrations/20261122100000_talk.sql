-- +goose Up

-- The turn of a comment says in which order comments were published under a post.
-- The key cannot: a comment that waited for a moderator comes after those that were
-- written later. Rows that the previous release adds get their turn by themselves.
CREATE SEQUENCE comment_turns;
ALTER TABLE comments
    ADD COLUMN turn bigint,
    ADD COLUMN request_key text, -- of the form it was sent with; NULL where no form is known
    ADD COLUMN ground text NOT NULL DEFAULT '', -- why it was refused
    ADD COLUMN decided_at timestamptz, -- by a moderator
    ADD COLUMN told boolean NOT NULL DEFAULT true; -- false while the author is told of its publication
UPDATE comments SET turn = id;
SELECT setval('comment_turns', coalesce(max(turn), 0) + 1, false) FROM comments;
ALTER TABLE comments ALTER COLUMN turn SET DEFAULT nextval('comment_turns');
ALTER TABLE comments ALTER COLUMN turn SET NOT NULL;
ALTER SEQUENCE comment_turns OWNED BY comments.turn;

-- A form sent twice is one comment.
CREATE UNIQUE INDEX comments_one_per_form ON comments (author_id, request_key) WHERE request_key IS NOT NULL;

-- comments_threads stays for the previous release.
CREATE INDEX comments_by_turn ON comments (post_id, turn DESC) WHERE state = 'published' AND parent_id IS NULL;

-- What the author alone sees under a post.
CREATE INDEX comments_own ON comments (author_id, post_id, id DESC) WHERE state IN ('pending', 'rejected') OR NOT told;
