// Package publics draws official pages: the list of them, what one has posted, a
// post with its comments.
package publics

import (
	"context"
	"net/url"
	"strconv"

	"veche/domain/publics"
	"veche/views/ui"
	"veche/views/words"
)

// excerpt is how much of a post's opening a list shows, in letters.
const excerpt = 220

// Root is the address of the list of publics.
const Root = "/publics"

// Href is the address of a public's page.
func Href(slug string) string { return Root + "/" + slug }

// PostHref is the address of a post's page.
func PostHref(slug string, id publics.PostID) string {
	return publics.Address(slug, id)
}

// TalkHref is the address of a thread's page.
func TalkHref(slug string, id publics.PostID, thread publics.CommentID) string {
	return PostHref(slug, id) + "/comments/" + commentKey(thread)
}

// CommentsID is the id of the element that holds the threads under a post.
func CommentsID(id publics.PostID) string {
	return "post-" + strconv.FormatInt(int64(id), 10) + "-comments"
}

// CommentsHref is where a comment on a post is sent.
func CommentsHref(slug string, id publics.PostID) string { return PostHref(slug, id) + "/comments" }

// ReactionsHref is where a like of a post is sent.
func ReactionsHref(slug string, id publics.PostID) string { return PostHref(slug, id) + "/reactions" }

func directoryNext(d Directory) string {
	if d.Next == "" {
		return ""
	}
	return with(Root, "after", d.Next)
}

func wallNext(w Wall) string {
	if w.Next == "" {
		return ""
	}
	return with(Href(w.Public.Slug), "kind", string(w.Kind), "from", w.Next)
}

func commentsNext(s Sheet) string {
	if s.Next == 0 {
		return ""
	}
	return with(PostHref(s.Public.Slug, s.Post.ID), "before", strconv.FormatInt(s.Next, 10))
}

func repliesNext(t Talk) string {
	if t.Next == 0 {
		return ""
	}
	return with(TalkHref(t.Public.Slug, t.Post.ID, t.Comment.Thread), "after", commentKey(t.Next))
}

// with adds names and values to an address, leaving out empty ones.
func with(path string, pairs ...string) string {
	query := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			query.Set(pairs[i], pairs[i+1])
		}
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

func filters(ctx context.Context, w Wall) []ui.Filter {
	all := []ui.Filter{{
		Label:   words.T(ctx, "publics.filter.all"),
		Href:    Href(w.Public.Slug),
		Current: w.Kind == "",
	}}
	for _, kind := range publics.Kinds {
		all = append(all, ui.Filter{
			Label:   kindNames(ctx, kind),
			Href:    with(Href(w.Public.Slug), "kind", string(kind)),
			Current: w.Kind == kind,
		})
	}
	return all
}

// kindName is the kind of one post.
func kindName(ctx context.Context, kind publics.Kind) string {
	switch kind {
	case publics.Article:
		return words.T(ctx, "publics.kind.article")
	case publics.Notice:
		return words.T(ctx, "publics.kind.notice")
	}
	return words.T(ctx, "publics.kind.news")
}

// kindNames is the kind of many.
func kindNames(ctx context.Context, kind publics.Kind) string {
	switch kind {
	case publics.Article:
		return words.T(ctx, "publics.filter.articles")
	case publics.Notice:
		return words.T(ctx, "publics.filter.notices")
	}
	return words.T(ctx, "publics.filter.news")
}

// kindTone sets off what wants something of the reader.
func kindTone(kind publics.Kind) ui.Tone {
	if kind == publics.Notice {
		return ui.Warn
	}
	return ui.Neutral
}
