package static_test

import (
	"testing"

	"veche/static"
)

// OWASP ASVS 5.0, 6.2.4 asks for the top 3000 passwords at least.
func TestLeakedPasswordsAreThere(t *testing.T) {
	server(t)
	if many := static.LeakedPasswords(); many < 3000 {
		t.Fatalf("%d leaked passwords are known", many)
	}
	for _, word := range []string{"123456", "password", "qwerty", "1qaz2wsx", "dragon", "letmein"} {
		if !static.LeakedPassword(word) {
			t.Errorf("%s is not known", word)
		}
	}
	for _, word := range []string{"", "Password", "veche-of-a-town", "жёлтыйтрамвай"} {
		if static.LeakedPassword(word) {
			t.Errorf("%q is taken for a leaked one", word)
		}
	}
}

func TestLeakedPasswordsAreNotServed(t *testing.T) {
	if answer := get(t, server(t), "/static/passwords.txt.gz"); answer.StatusCode != 404 {
		t.Errorf("the list answers %d", answer.StatusCode)
	}
}
