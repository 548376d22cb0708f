-- +goose Up
-- How a post was read in all its life: the sum of its hours, which grow in number as
-- long as it is read. Spread over shards as they are.
CREATE TABLE post_reads (
    post_id bigint   NOT NULL REFERENCES posts,
    shard   smallint NOT NULL,
    views   bigint   NOT NULL DEFAULT 0,
    seconds bigint   NOT NULL DEFAULT 0, -- that pages of the post were in view
    PRIMARY KEY (post_id, shard)
) WITH (fillfactor = 50);
INSERT INTO post_reads (post_id, shard, views, seconds)
SELECT post_id, shard, sum(views), sum(seconds) FROM post_hours
GROUP BY post_id, shard;
