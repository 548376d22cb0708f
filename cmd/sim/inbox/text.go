package inbox

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// Span is a piece of a text: plain, a one-time code or a web link.
type Span struct {
	Text string
	Code bool
	Link bool
}

var (
	linkPattern   = regexp.MustCompile(`https?://[^\s<>"'«»]+`)
	numberPattern = regexp.MustCompile(`[0-9]+`)
	codeWord      = regexp.MustCompile(`(?i)(код|парол|code|pin)[^0-9]*$`)
	unitPattern   = regexp.MustCompile(`(?i)^[\s\x{a0}]*(₽|%|руб|коп|г\.|год)`)
	spacePattern  = regexp.MustCompile(`\s+`)
)

// Spans cuts a text into pieces; put together again they are the text.
func Spans(text string) []Span {
	var spans []Span
	rest := 0
	for _, link := range linkPattern.FindAllStringIndex(text, -1) {
		from, to := link[0], link[0]+len(strings.TrimRight(text[link[0]:link[1]], ".,;:!?)]}"))
		spans = appendCodes(spans, text, rest, from)
		spans = append(spans, Span{Text: text[from:to], Link: true})
		rest = to
	}
	return appendCodes(spans, text, rest, len(text))
}

func appendCodes(spans []Span, text string, from, to int) []Span {
	plain := from
	for _, number := range numberPattern.FindAllStringIndex(text[from:to], -1) {
		start, end := from+number[0], from+number[1]
		if !isCode(text[:start], text[start:end], text[end:]) {
			continue
		}
		if plain < start {
			spans = append(spans, Span{Text: text[plain:start]})
		}
		spans = append(spans, Span{Text: text[start:end], Code: true})
		plain = end
	}
	if plain < to {
		spans = append(spans, Span{Text: text[plain:to]})
	}
	return spans
}

// isCode tells a one-time code from the other numbers of a letter: parts of
// dates, phones, sums and document numbers are joined to other digits or carry
// a unit, and what could be a year is a code only when the text calls it one.
func isCode(before, number, after string) bool {
	if len(number) < 4 || len(number) > 8 {
		return false
	}
	last, width := utf8.DecodeLastRuneInString(before)
	first, firstWidth := utf8.DecodeRuneInString(after)
	if glued(last) || glued(first) || last == '№' || last == '#' || last == '+' || first == '@' {
		return false
	}
	beforeLast, _ := utf8.DecodeLastRuneInString(before[:len(before)-width])
	second, _ := utf8.DecodeRuneInString(after[firstWidth:])
	if joins(last) && (unicode.IsDigit(beforeLast) || beforeLast == '№') || joins(first) && unicode.IsDigit(second) {
		return false
	}
	if unitPattern.MatchString(after) {
		return false
	}
	if len(number) == 4 && (number[:2] == "19" || number[:2] == "20") {
		return codeWord.MatchString(before[max(0, len(before)-80):])
	}
	return true
}

func glued(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }

func joins(r rune) bool { return strings.ContainsRune("-–.,:/ \u00a0", r) }

// Codes lists the one-time codes of a text in their order, without repeats.
func Codes(text string) []string {
	codes := []string{}
	for _, span := range Spans(text) {
		if span.Code && !slices.Contains(codes, span.Text) {
			codes = append(codes, span.Text)
		}
	}
	return codes
}

// Links lists the web addresses of a letter, those of its text first, then
// those its HTML form points to, without repeats. Other schemes are left out.
func Links(text, markup string) []string {
	links := []string{}
	add := func(link string) {
		if !slices.Contains(links, link) && len(links) < 100 {
			links = append(links, link)
		}
	}
	for _, span := range Spans(text) {
		if span.Link {
			add(span.Text)
		}
	}
	tokens := html.NewTokenizer(strings.NewReader(markup))
	for tokens.Next() != html.ErrorToken {
		token := tokens.Token()
		if token.Data != "a" {
			continue
		}
		for _, attribute := range token.Attr {
			if attribute.Key == "href" && linkPattern.FindString(attribute.Val) == attribute.Val && attribute.Val != "" {
				add(attribute.Val)
			}
		}
	}
	return links
}

var skipped = []string{"script", "style", "title", "template"}
var breaking = []string{"p", "br", "div", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol"}

// PlainText is what a person reads of an HTML letter, one line a block.
func PlainText(markup string) string {
	var text strings.Builder
	hidden := 0
	tokens := html.NewTokenizer(strings.NewReader(markup))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return squeeze(text.String())
		case html.TextToken:
			if hidden == 0 {
				text.WriteString(spacePattern.ReplaceAllString(string(tokens.Text()), " "))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			token := tokens.Token()
			if slices.Contains(breaking, token.Data) {
				text.WriteByte('\n')
			}
			if slices.Contains(skipped, token.Data) && token.Type == html.StartTagToken {
				hidden++
			}
		case html.EndTagToken:
			token := tokens.Token()
			if slices.Contains(breaking, token.Data) {
				text.WriteByte('\n')
			}
			if slices.Contains(skipped, token.Data) && hidden > 0 {
				hidden--
			}
		}
	}
}

// squeeze leaves at most one empty line between lines and no space around them.
func squeeze(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line != "" || len(lines) > 0 && lines[len(lines)-1] != "" {
			lines = append(lines, line)
		}
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}
