package publics

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// PageSize is how many rows a page of a list has.
const PageSize = 20

// RepliesShown is how many replies stand below a comment before the rest is a
// page of its own.
const RepliesShown = 5

// Address is where a post is read, within the portal.
func Address(slug string, id PostID) string {
	return "/publics/" + slug + "/posts/" + strconv.FormatInt(int64(id), 10)
}

// Place is where a list of posts goes on: after the post published at this time
// with this key. Lists run from the newest to the oldest.
type Place struct {
	At time.Time
	ID PostID
}

// Start is before the newest post.
func Start() Place {
	return Place{At: time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC), ID: math.MaxInt64}
}

// String writes the place as it stands in a query string: microseconds since
// 1970, a dot, the key.
func (p Place) String() string {
	return strconv.FormatInt(p.At.UnixMicro(), 10) + "." + strconv.FormatInt(int64(p.ID), 10)
}

// ParsePlace reads a place. Whatever is none, such as a link cut short, is the
// start: a list should show something.
func ParsePlace(s string) Place {
	micros, key, found := strings.Cut(s, ".")
	at, errAt := strconv.ParseInt(micros, 10, 64)
	id, errID := strconv.ParseInt(key, 10, 64)
	if !found || errAt != nil || errID != nil || id <= 0 || at < 0 || at > Start().At.UnixMicro() {
		return Start()
	}
	return Place{At: time.UnixMicro(at).UTC(), ID: PostID(id)}
}
