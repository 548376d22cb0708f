package site

import (
	"context"
	"io/fs"
	"net/http"
)

// Card is how a part introduces itself to the program.
type Card struct {
	// Key is the part's table in the catalogues, which holds at least
	// "<key>.name" and "<key>.about".
	Key string
	// Protocol names what a client speaks, shown as it stands: "SMTP, STARTTLS".
	Protocol string
	// Address is where a client finds the part: host and port, or a URL.
	Address string
	// Page is the path of the part's own page; empty when it has none.
	Page string
	// Files holds words.ru.toml and words.en.toml, and the page templates
	// that Mount hands to Site.Page.
	Files fs.FS
	// Mount adds the part's routes; nil when it has none.
	Mount func(mux *http.ServeMux, site *Site) error
	// Run works until ctx is done and then returns nil; nil when answering
	// requests is all the part does.
	Run func(ctx context.Context) error
}
