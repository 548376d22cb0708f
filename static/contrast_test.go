package static_test

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// oklch is a colour as tokens.css writes it: lightness, chroma, hue in degrees.
type oklch struct{ l, c, h float64 }

// luminance is the relative luminance of WCAG 2.2, by way of linear sRGB; what the
// screen cannot show is cut off, as the screen does. The matrices are those of
// CSS Color 4, 12.
func (o oklch) luminance() float64 {
	a, b := o.c*math.Cos(o.h*math.Pi/180), o.c*math.Sin(o.h*math.Pi/180)
	cube := func(v float64) float64 { return v * v * v }
	l := cube(o.l + 0.3963377774*a + 0.2158037573*b)
	m := cube(o.l - 0.1055613458*a - 0.0638541728*b)
	s := cube(o.l - 0.0894841775*a - 1.2914855480*b)
	shown := func(v float64) float64 { return min(max(v, 0), 1) }
	red := shown(4.0767416621*l - 3.3077115913*m + 0.2309699292*s)
	green := shown(-1.2684380046*l + 2.6097574011*m - 0.3413193965*s)
	blue := shown(-0.0041960863*l - 0.7034186147*m + 1.7076147010*s)
	return 0.2126*red + 0.7152*green + 0.0722*blue
}

func contrast(one, other oklch) float64 {
	bright, dark := one.luminance(), other.luminance()
	if bright < dark {
		bright, dark = dark, bright
	}
	return (bright + 0.05) / (dark + 0.05)
}

// scheme is a palette by role.
type scheme map[string]oklch

var (
	colour = `oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)`
	both   = regexp.MustCompile(`--([\w-]+): var\(--light, ` + colour + `\) var\(--dark, ` + colour + `\);`)
	one    = regexp.MustCompile(`--([\w-]+): ` + colour + `;`)
	block  = regexp.MustCompile(`(?s)\[data-contrast="([\w-]+)"\] \{([^}]*)\}`)
	taken  = regexp.MustCompile(`--([\w-]+): var\(--scheme-(paper|ink)\);`)
)

func number(t *testing.T, text string) float64 {
	t.Helper()
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatalf("tokens.css: %q is no number", text)
	}
	return value
}

// schemes reads the palettes out of tokens.css.
func schemes(t *testing.T) map[string]scheme {
	t.Helper()
	raw, err := os.ReadFile("css/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	css := string(raw)
	read := func(parts []string) oklch {
		return oklch{number(t, parts[0]), number(t, parts[1]), number(t, parts[2])}
	}
	all := map[string]scheme{"light": {}, "dark": {}}
	for _, found := range both.FindAllStringSubmatch(css, -1) {
		all["light"][found[1]] = read(found[2:5])
		all["dark"][found[1]] = read(found[5:8])
	}
	for _, found := range one.FindAllStringSubmatch(css, -1) {
		if !strings.HasPrefix(found[1], "scheme-") {
			all["light"][found[1]] = read(found[2:5])
			all["dark"][found[1]] = read(found[2:5])
		}
	}
	for _, found := range block.FindAllStringSubmatch(css, -1) {
		name, body := found[1], found[2]
		source := map[string]oklch{}
		for _, token := range one.FindAllStringSubmatch(body, -1) {
			source[strings.TrimPrefix(token[1], "scheme-")] = read(token[2:5])
		}
		if _, known := all[name]; known || len(source) != 2 {
			continue // print takes the scheme back to paper
		}
		all[name] = scheme{}
		for _, token := range taken.FindAllStringSubmatch(css, -1) {
			all[name][token[1]] = source[token[2]]
		}
	}
	return all
}

// What stands on what, and how far apart in lightness it has to be: 7 for body
// text, 4.5 for the rest of the text, 3 for the edges of controls and the parts of
// charts (WCAG 2.2: 1.4.3, 1.4.6, 1.4.11).
var pairs = []struct {
	over, under string
	least       float64
}{
	{"ink", "paper", 7},
	{"ink", "paper-sunk", 7},
	{"ink", "action-soft", 7},
	{"ink", "good-soft", 7},
	{"ink", "warn-soft", 7},
	{"ink", "bad-soft", 7},
	{"ink", "live-soft", 7},
	{"ink-soft", "paper", 7},
	{"ink-soft", "paper-sunk", 7},
	{"ink-soft", "action-soft", 4.5},
	{"action", "paper", 4.5},
	{"action", "paper-sunk", 4.5},
	{"action", "action-soft", 4.5},
	{"action-strong", "paper", 4.5},
	{"action-strong", "action-soft", 4.5},
	{"action-ink", "action", 4.5},
	{"action-ink", "action-strong", 4.5},
	{"good", "paper", 4.5},
	{"good", "good-soft", 4.5},
	{"warn", "paper", 4.5},
	{"warn", "warn-soft", 4.5},
	{"bad", "paper", 4.5},
	{"bad", "paper-sunk", 4.5},
	{"bad", "bad-soft", 4.5},
	{"deep-ink", "deep", 7},
	{"deep-soft", "deep", 7},
	{"edge", "paper", 3},
	{"edge", "paper-sunk", 3},
	{"action", "paper", 3},
	{"live", "paper", 2}, // never the only sign: the change is spoken, and the number differs
}

func TestColoursStandApart(t *testing.T) {
	all := schemes(t)
	for _, name := range []string{"light", "dark", "black-on-white", "white-on-black", "blue"} {
		palette := all[name]
		for _, pair := range pairs {
			over, found := palette[pair.over]
			if !found {
				t.Errorf("%s: no colour --%s", name, pair.over)
				continue
			}
			under, found := palette[pair.under]
			if !found {
				t.Errorf("%s: no colour --%s", name, pair.under)
				continue
			}
			if got := contrast(over, under); got < pair.least {
				t.Errorf("%s: --%s on --%s is %.2f:1, at least %.1f:1 is needed", name, pair.over, pair.under, got, pair.least)
			}
		}
	}
}

// The reckoning itself, against values everybody knows.
func TestContrastOfBlackAndWhite(t *testing.T) {
	if got := contrast(oklch{0, 0, 0}, oklch{1, 0, 0}); math.Abs(got-21) > 0.01 {
		t.Errorf("black on white is %.3f:1, not 21:1", got)
	}
	// #767676 is the lightest grey that passes 4.5:1 on white.
	if got := contrast(oklch{0.5659, 0, 0}, oklch{1, 0, 0}); math.Abs(got-4.54) > 0.03 {
		t.Errorf("#767676 on white is %.3f:1, not 4.54:1", got)
	}
}
