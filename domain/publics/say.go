package publics

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"veche/domain/moderation"
	"veche/domain/problem"
)

// MaxBody is how long a comment may be, in letters and signs.
const MaxBody = 2000

// BodyField is the field of the form that holds a comment's text.
const BodyField = "body"

// What may be wrong with the text of a comment.
var (
	ErrNothingSaid = problem.InField(BodyField, "publics.problem.nothing_said")
	ErrUnreadable  = problem.InField(BodyField, "publics.problem.unreadable")
)

// errTooMuchSaid is a text over [MaxBody].
const errTooMuchSaid = "publics.problem.too_much_said"

// ParseBody reads the text of a comment as it was typed: in Unicode's normal form
// C, its lines ended alike, without space around it. Signs that nobody sees and
// that change how others are shown are refused: control characters, and those that
// turn the direction of writing (Unicode Standard Annex 9, explicit formatting). So
// are heaps of marks over one letter, which paint over the lines around it. Spaces of
// no width, which come along when text is copied from elsewhere, are left out.
func ParseBody(typed string) (string, error) {
	if !utf8.ValidString(typed) {
		return "", ErrUnreadable
	}
	body := strings.TrimSpace(norm.NFC.String(strings.Map(visible, lines.Replace(typed))))
	length, marks, seen := 0, 0, false
	for _, r := range body {
		if marks++; !unicode.Is(unicode.M, r) {
			marks = 0
		}
		switch {
		case r == '\n' || r == '\t':
		case unicode.IsControl(r) || turnsWriting(r) || marks > maxMarks:
			return "", ErrUnreadable
		case unicode.IsGraphic(r) && !unicode.IsSpace(r) && !blank(r):
			seen = true
		}
		length++
	}
	switch {
	case !seen:
		return "", ErrNothingSaid
	case length > MaxBody:
		return "", problem.InField(BodyField, errTooMuchSaid, "Count", length, "Most", MaxBody)
	}
	return body, nil
}

func turnsWriting(r rune) bool { return 0x202A <= r && r <= 0x202E || 0x2066 <= r && r <= 0x2069 }

// maxMarks is how many marks in a row a letter may carry. No living language puts more
// over one.
const maxMarks = 4

// visible leaves out what has no width and joins nothing: soft hyphens, spaces of no
// width, marks of byte order, and tags (Unicode block E0000). What joins signs, as in
// emoji of families, stays.
func visible(r rune) rune {
	switch {
	case r == 0x00AD, r == 0x200B, r == 0x2060, r == 0xFEFF, 0xE0000 <= r && r <= 0xE007F:
		return -1
	}
	return r
}

// blank says whether a sign that Unicode takes for a letter or a drawing shows
// nothing: fillers of Hangul, the empty pattern of Braille, a mark without a letter.
func blank(r rune) bool {
	switch r {
	case 0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800:
		return true
	}
	return unicode.Is(unicode.M, r)
}

var lines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// State is where a comment is in its life.
type State string

// The states of a comment. Everybody reads the published ones, the author the
// others as well.
const (
	Pending   State = "pending" // a moderator will look at it
	Published State = "published"
	Refused   State = "rejected"
	Removed   State = "removed"
)

// NoticeFor is how long the author is told that a comment was published.
const NoticeFor = 10 * time.Minute

// OwnShown is how many of their own comments a person is told of under a post.
const OwnShown = 10

// Own is a comment as its author sees it: one that others do not, or one that was
// published a moment ago.
type Own struct {
	ID        CommentID
	State     State
	Ground    moderation.Ground // why it was refused
	Body      string
	CreatedAt time.Time
}

// Paragraphs are the paragraphs of the comment.
func (o Own) Paragraphs() []string { return paragraphs(o.Body) }

// DecidedBy is when the moderators will have decided at the latest (MOD-04).
func (o Own) DecidedBy() time.Time { return o.CreatedAt.Add(moderation.DecideWithin) }
