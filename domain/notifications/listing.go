package notifications

import (
	"slices"
	"strings"
)

// PageSize is how many items a page of the feed shows.
const PageSize = 20

// MostUnread is as far as unread items are counted: beyond it there are many.
const MostUnread = 100

// Filter narrows the feed.
type Filter struct {
	Section Section // "" is all
	Unread  bool    // only those that were not read
	Before  int64   // the key the previous page ended with; 0 is the start
}

// ParseFilter reads the filter of the feed from a query string. What it does not
// know shows all: a link from elsewhere should lead somewhere.
func ParseFilter(section, unread string, before int64) Filter {
	f := Filter{Unread: unread != "", Before: max(before, 0)}
	if s := Section(section); slices.Contains(Sections, s) {
		f.Section = s
	}
	return f
}

const (
	everything = "all"
	onlyUnread = "-unread"
)

// Name is the filter in one word, as it stands in the name of a region. Every page
// of a list has the same.
func (f Filter) Name() string {
	name := everything
	if f.Section != "" {
		name = string(f.Section)
	}
	if f.Unread {
		name += onlyUnread
	}
	return name
}

// FilterNamed is the filter of a name.
func FilterNamed(name string) Filter {
	section, unread := strings.CutSuffix(name, onlyUnread)
	f := ParseFilter(section, "", 0)
	f.Unread = unread
	return f
}
