package static

import (
	"errors"
	"testing"
	"testing/fstest"
)

func TestAssetsThatWereNotBuiltAreNamed(t *testing.T) {
	if err := read(fstest.MapFS{".keep": {}}).err; !errors.Is(err, ErrNotBuilt) {
		t.Errorf("an empty dist is told as %v", err)
	}
	half := fstest.MapFS{"manifest.json": {Data: []byte(`{"app.js": "app-1.js"}`)}}
	if err := read(half).err; err == nil {
		t.Error("a manifest that leads nowhere passes")
	}
	whole := read(fstest.MapFS{
		"manifest.json":  {Data: []byte(`{"app.js": "app-1.js"}`)},
		"app-1.js":       {Data: []byte("1")},
		"icons/vote.svg": {Data: []byte("<svg/>")},
	})
	if whole.err != nil || whole.manifest["app.js"] != "app-1.js" || whole.icons["vote"] != "<svg/>" {
		t.Errorf("a whole dist is read as %+v", whole)
	}
}
