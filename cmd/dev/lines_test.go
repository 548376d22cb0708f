package main

import (
	"strings"
	"testing"
)

func TestLinesCarryTheirProgramsName(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		writes []string
		want   string
	}{
		"whole lines":       {[]string{"one\ntwo\n"}, "sim    │ one\nsim    │ two\n"},
		"a line in pieces":  {[]string{"o", "ne", "\n"}, "sim    │ one\n"},
		"an empty line":     {[]string{"\n"}, "sim    │ \n"},
		"no end at the end": {[]string{"one\ntwo"}, "sim    │ one\nsim    │ two\n"},
		"never an end":      {[]string{strings.Repeat("x", longestLine), "y\n"}, "sim    │ " + strings.Repeat("x", longestLine) + "\nsim    │ y\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			lines := newPrefixer(&out, "sim")
			for _, text := range c.writes {
				if n, err := lines.Write([]byte(text)); n != len(text) || err != nil {
					t.Errorf("wrote %d of %d (%v)", n, len(text), err)
				}
			}
			lines.flush()
			if out.String() != c.want {
				t.Errorf("got %q, want %q", out.String(), c.want)
			}
		})
	}
}
