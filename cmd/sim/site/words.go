package site

import (
	"fmt"
	"io/fs"
	"net/http"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

const languageCookie = "sim_lang"

var languages = []language.Tag{language.Russian, language.English}

type catalogue struct {
	bundle  *i18n.Bundle
	matcher language.Matcher
	zone    *time.Location
}

func loadCatalogue(zone *time.Location, sources ...fs.FS) (*catalogue, error) {
	bundle := i18n.NewBundle(language.Russian)
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	for _, source := range sources {
		for _, lang := range languages {
			name := "words." + lang.String() + ".toml"
			if _, err := bundle.LoadMessageFileFS(source, name); err != nil {
				return nil, fmt.Errorf("load %s: %w", name, err)
			}
		}
	}
	return &catalogue{bundle: bundle, matcher: language.NewMatcher(languages), zone: zone}, nil
}

// choose takes the language from ?lang=, which it remembers in a cookie, then
// from that cookie, then from Accept-Language; Russian when none of them helps.
func (c *catalogue) choose(w http.ResponseWriter, r *http.Request) Words {
	asked := r.URL.Query().Get("lang")
	kept := ""
	if cookie, err := r.Cookie(languageCookie); err == nil {
		kept = cookie.Value
	}
	_, index := language.MatchStrings(c.matcher, asked, kept, r.Header.Get("Accept-Language"))
	lang := languages[index].String()
	if asked == lang {
		http.SetCookie(w, &http.Cookie{
			Name: languageCookie, Value: lang, Path: "/", MaxAge: int((365 * 24 * time.Hour).Seconds()),
			HttpOnly: true, SameSite: http.SameSiteLaxMode,
		})
	}
	return c.words(lang)
}

func (c *catalogue) words(lang string) Words {
	return Words{Lang: lang, localizer: i18n.NewLocalizer(c.bundle, lang), zone: c.zone}
}

// Words are the texts of one language.
type Words struct {
	Lang      string // "ru" or "en"
	localizer *i18n.Localizer
	zone      *time.Location
}

// T is the text of a catalogue key; pairs are names and values for its
// placeholders. A missing key comes back in brackets, to be seen.
func (w Words) T(key string, pairs ...any) string {
	data := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		data[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return w.text(&i18n.LocalizeConfig{MessageID: key, TemplateData: data})
}

// N is the text of a key in the plural form that count asks for; {{.Count}} is
// the number.
func (w Words) N(key string, count int) string {
	return w.text(&i18n.LocalizeConfig{
		MessageID: key, PluralCount: count, TemplateData: map[string]any{"Count": count},
	})
}

func (w Words) text(config *i18n.LocalizeConfig) string {
	text, err := w.localizer.Localize(config)
	if err != nil {
		return "[" + config.MessageID + "]"
	}
	return text
}

// Time is the moment to the second in the configured zone, the day included.
func (w Words) Time(t time.Time) string {
	layout := "02.01.2006, 15:04:05"
	if w.Lang == "en" {
		layout = "2 Jan 2006, 15:04:05"
	}
	return t.In(w.zone).Format(layout)
}

// Clock is the time of day in the configured zone, with the day before it when
// that is not today.
func (w Words) Clock(t time.Time) string {
	local, today := t.In(w.zone), time.Now().In(w.zone)
	if local.YearDay() == today.YearDay() && local.Year() == today.Year() {
		return local.Format("15:04")
	}
	if w.Lang == "en" {
		return local.Format("2 Jan 15:04")
	}
	return local.Format("02.01 15:04")
}

// Size is a number of bytes as people say it.
func (w Words) Size(bytes int) string {
	switch {
	case bytes < 1<<10:
		return w.T("site.bytes", "Size", bytes)
	case bytes < 1<<20:
		return w.T("site.kilobytes", "Size", (bytes+512)>>10)
	default:
		return w.T("site.megabytes", "Size", (bytes+1<<19)>>20)
	}
}
