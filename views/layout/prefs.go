package layout

import (
	"net/url"
	"slices"
)

// PrefsCookie keeps Prefs in the browser, so that guests have them too and the
// first page already looks as chosen.
const PrefsCookie = "look"

// Prefs is how a person wants the portal to look, including the settings for
// low vision (GOST R 52872-2019). The zero value is the usual look.
type Prefs struct {
	Theme    string
	Contrast string
	Text     string
	Font     string
}

// The values of each setting; the first is the usual one.
var (
	themes    = []string{"auto", "light", "dark"}
	contrasts = []string{"usual", "black-on-white", "white-on-black", "blue"}
	texts     = []string{"usual", "large", "largest"}
	fonts     = []string{"sans", "serif"}
)

// NewPrefs takes the fields theme, contrast, text and font of the form or of the
// cookie. What it does not know becomes the usual.
func NewPrefs(field func(name string) string) Prefs {
	pick := func(values []string, name string) string {
		if value := field(name); slices.Contains(values, value) {
			return value
		}
		return values[0]
	}
	return Prefs{
		Theme:    pick(themes, "theme"),
		Contrast: pick(contrasts, "contrast"),
		Text:     pick(texts, "text"),
		Font:     pick(fonts, "font"),
	}
}

// ParsePrefs reads the value of PrefsCookie.
func ParsePrefs(cookie string) Prefs {
	// A cookie that cannot be read is as good as none.
	fields, _ := url.ParseQuery(cookie)
	return NewPrefs(fields.Get)
}

// Cookie is the value of PrefsCookie.
func (p Prefs) Cookie() string {
	p = p.whole()
	return url.Values{
		"theme":    {p.Theme},
		"contrast": {p.Contrast},
		"text":     {p.Text},
		"font":     {p.Font},
	}.Encode()
}

// whole puts the usual where nothing was chosen.
func (p Prefs) whole() Prefs {
	return NewPrefs(func(name string) string {
		switch name {
		case "theme":
			return p.Theme
		case "contrast":
			return p.Contrast
		case "text":
			return p.Text
		}
		return p.Font
	})
}

// Question asks for one setting of the look.
type Question struct {
	Field  string
	Values []string
	Chosen string
}

// Questions are the settings with what is chosen now, for the panel and the page
// that ask for them.
func (p Prefs) Questions() []Question {
	p = p.whole()
	return []Question{
		{"theme", themes, p.Theme},
		{"contrast", contrasts, p.Contrast},
		{"text", texts, p.Text},
		{"font", fonts, p.Font},
	}
}
