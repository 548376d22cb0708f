package main

import (
	"slices"
	"testing"
)

func TestPasskeysAreBoundToTheNameOfThePortal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ public, listens, host, origin string }{
		{"https://veche.example", "0.0.0.0", "veche.example", "https://veche.example"},
		{"https://Veche.Example:8443/", "", "veche.example", "https://veche.example:8443"},
		{"https://вече.рф", "", "xn--b1aga5e.xn--p1ai", "https://xn--b1aga5e.xn--p1ai"},
		{"http://localhost:8080", "127.0.0.1", "localhost", "http://localhost:8080"},
		{"http://127.0.0.1:8099", "127.0.0.1", "localhost", "http://localhost:8099"},
		{"http://[::1]:8099", "::1", "localhost", "http://localhost:8099"},
		{"", "127.0.0.1", "localhost", "http://localhost:8123"},
		{"", "0.0.0.0", "", ""},
		{"http://192.168.1.5", "0.0.0.0", "", ""},
		{"https://203.0.113.7", "0.0.0.0", "", ""},
		{"https://127.0.0.1", "127.0.0.1", "", ""},
	} {
		public, err := parsePublic(c.public)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		if c.origin != "" {
			want = []string{c.origin}
		}
		host, origins, err := config{public: public, Host: c.listens, Port: "8123"}.relyingParty()
		if err != nil || host != c.host || !slices.Equal(origins, want) {
			t.Errorf("%q on %s: %q at %v (%v), want %q at %v", c.public, c.listens, host, origins, err, c.host, want)
		}
	}
}
