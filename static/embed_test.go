package static

import (
	"bytes"
	"compress/gzip"
	"errors"
	"slices"
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
	dist := fstest.MapFS{
		"manifest.json":  {Data: []byte(`{"app.js": "app-1.js"}`)},
		"app-1.js":       {Data: []byte("1")},
		"icons/vote.svg": {Data: []byte("<svg/>")},
	}
	if err := read(dist).err; !errors.Is(err, ErrNotBuilt) {
		t.Errorf("a dist without leaked passwords is told as %v", err)
	}
	var packed bytes.Buffer
	pack := gzip.NewWriter(&packed)
	if _, err := pack.Write([]byte("dragon\nqwerty")); err != nil {
		t.Fatal(err)
	}
	if err := pack.Close(); err != nil {
		t.Fatal(err)
	}
	dist["passwords.txt.gz"] = &fstest.MapFile{Data: packed.Bytes()}
	whole := read(dist)
	if !slices.Equal(whole.leaked, []string{"dragon", "qwerty"}) {
		t.Errorf("the leaked passwords are read as %q", whole.leaked)
	}
	if whole.err != nil || whole.manifest["app.js"] != "app-1.js" || whole.icons["vote"] != "<svg/>" {
		t.Errorf("a whole dist is read as %+v", whole)
	}
}
