package words

import (
	"embed"
	"fmt"
	"io/fs"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed *.toml
var files embed.FS

var localizers = load(files)

// load reads all catalogues. They are part of the program, so a broken one stops
// it at start, naming the file.
func load(catalogues fs.FS) map[Lang]*i18n.Localizer {
	bundle := i18n.NewBundle(language.Russian)
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)

	names, err := fs.Glob(catalogues, "*.toml")
	if err != nil {
		panic(fmt.Sprintf("words: list catalogues: %v", err))
	}
	for _, name := range names {
		if _, err := bundle.LoadMessageFileFS(catalogues, name); err != nil {
			panic(fmt.Sprintf("words: read catalogue %s: %v", name, err))
		}
	}

	all := make(map[Lang]*i18n.Localizer, len(Langs))
	for _, lang := range Langs {
		all[lang] = i18n.NewLocalizer(bundle, string(lang))
	}
	return all
}

// say never fails towards the reader: the language falls back to Russian, the
// sentence to its id.
func say(lang Lang, id string, count any, data map[string]any) string {
	sentence, err := localizers[lang].Localize(&i18n.LocalizeConfig{
		MessageID:    id,
		TemplateData: data,
		PluralCount:  count,
	})
	if err != nil && sentence == "" {
		return id
	}
	return sentence
}
