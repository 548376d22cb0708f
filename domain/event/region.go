package event

import "strings"

// Region is the key of a live region: an element drawn from current state. It is
// a topic and a view of it, "poll:42/tally", and for one item of a list the item
// too, "post:7/comment/991".
type Region string

// NewRegion names a view of a topic.
func NewRegion(topic Topic, view string) Region { return Region(string(topic) + "/" + view) }

// NewItem names one item within a view of a topic.
func NewItem(topic Topic, view, item string) Region {
	return Region(string(topic) + "/" + view + "/" + item)
}

// Topic is what the region depends on.
func (r Region) Topic() Topic {
	topic, _, _ := strings.Cut(string(r), "/")
	return Topic(topic)
}

// View is the name of the drawing: "tally" of "poll:42/tally".
func (r Region) View() string {
	_, rest, _ := strings.Cut(string(r), "/")
	view, _, _ := strings.Cut(rest, "/")
	return view
}

// Item is the id of the list item drawn, or "".
func (r Region) Item() string {
	_, rest, _ := strings.Cut(string(r), "/")
	_, item, _ := strings.Cut(rest, "/")
	return item
}

var elementID = strings.NewReplacer(":", "-", "/", "-")

// ElementID is the id of the region's element in the page.
func (r Region) ElementID() string { return elementID.Replace(string(r)) }

// Valid says whether r names a topic, a view and at most one item. Names that
// came from a page are checked with it before anything else is done with them.
func (r Region) Valid() bool {
	topic, rest, found := strings.Cut(string(r), "/")
	if !found || !Topic(topic).Valid() {
		return false
	}
	view, item, hasItem := strings.Cut(rest, "/")
	return validPart(view) && (!hasItem || validPart(item))
}
