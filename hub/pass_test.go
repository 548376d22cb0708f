package hub_test

import (
	"strings"
	"testing"

	"veche/domain/event"
	"veche/hub"
)

func TestPassIsOfUseToItsHolderOnly(t *testing.T) {
	t.Parallel()
	const region = event.Region("poll:42/tally")
	passes := hub.NewPasses([]byte("secret"))
	visitor := hub.Visitor{Session: "abc", Account: "x", Rights: 7}
	pass := passes.Mint(region, "ru+moderator", visitor)

	if audience, ok := passes.Verify(pass, region, visitor); !ok || audience != "ru+moderator" {
		t.Fatalf("own pass: audience %q, %v", audience, ok)
	}
	_, proof, _ := strings.Cut(pass, ".")
	for name, c := range map[string]struct {
		pass    string
		region  event.Region
		visitor hub.Visitor
	}{
		"another region":    {pass, "poll:43/tally", visitor},
		"another session":   {pass, region, hub.Visitor{Session: "abd", Rights: 7}},
		"a guest":           {pass, region, hub.Visitor{}},
		"other rights":      {pass, region, hub.Visitor{Session: "abc", Rights: 8}},
		"negative rights":   {pass, region, hub.Visitor{Session: "abc", Rights: -7}},
		"another audience":  {"en." + proof, region, visitor},
		"less of a name":    {"ru." + proof, region, visitor},
		"no audience":       {"." + proof, region, visitor},
		"no proof":          {"ru+moderator.", region, visitor},
		"no dot":            {"ru+moderator" + proof, region, visitor},
		"empty":             {"", region, visitor},
		"proof cut":         {pass[:len(pass)-4], region, visitor},
		"proof lengthened":  {pass + "AAAA", region, visitor},
		"padding":           {pass + "=", region, visitor},
		"audience too long": {strings.Repeat("r", 33) + "." + proof, region, visitor},
		"strange audience":  {"ru moderator." + proof, region, visitor},
		"of another secret": {hub.NewPasses([]byte("guess")).Mint(region, "ru", visitor), region, visitor},
		"fields run together": {
			hub.NewPasses([]byte("secret")).Mint(region+"r", "u", visitor), region, visitor,
		},
	} {
		if audience, ok := passes.Verify(c.pass, c.region, c.visitor); ok {
			t.Errorf("%s: accepted for %q", name, audience)
		}
	}
}

func TestEveryFlippedBitOfAPassIsSeen(t *testing.T) {
	t.Parallel()
	const region = event.Region("poll:42/tally")
	passes := hub.NewPasses([]byte("secret"))
	pass := []byte(passes.Mint(region, "ru", hub.Visitor{}))
	for i := range pass {
		for bit := range 8 {
			forged := append([]byte(nil), pass...)
			forged[i] ^= 1 << bit
			if _, ok := passes.Verify(string(forged), region, hub.Visitor{}); ok {
				t.Errorf("bit %d of byte %d was flipped unseen", bit, i)
			}
		}
	}
}

func TestPassesOfTwoProcessesAgree(t *testing.T) {
	t.Parallel()
	pass := hub.NewPasses([]byte("secret")).Mint("poll:42/tally", "en", hub.Visitor{})
	if _, ok := hub.NewPasses([]byte("secret")).Verify(pass, "poll:42/tally", hub.Visitor{}); !ok {
		t.Error("pass of another process is refused")
	}
}
