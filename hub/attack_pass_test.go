package hub_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"veche/domain/event"
	"veche/hub"
)

// answerTo sends a join and waits for what is denied and what is followed.
func (a *attacker) answerTo(join map[event.Region]string) (joined, denied []event.Region) {
	a.t.Helper()
	pairs := make(map[event.Region][]string, len(join))
	for region, pass := range join {
		pairs[region] = []string{"?", pass}
	}
	a.send(frame(finBit|opText, joinMessage(a.t, pairs)))
	for len(joined)+len(denied) < len(join) {
		op, payload, err := a.next()
		if err != nil {
			a.t.Fatalf("join was not answered: %v", err)
		}
		if op == opClose {
			a.t.Fatalf("join was answered by a close: %q", payload)
		}
		var answer struct {
			Joined map[event.Region]string
			Denied []event.Region
		}
		if json.Unmarshal(payload, &answer) != nil {
			continue
		}
		denied = append(denied, answer.Denied...)
		for region := range answer.Joined {
			joined = append(joined, region)
		}
	}
	return joined, denied
}

func TestForgedAndStolenPassesAreDenied(t *testing.T) {
	t.Parallel()
	s := besiege(t, hub.Options{})
	anna := hub.Visitor{Session: "s-anna", Account: "a-anna", Rights: 3}
	const ofAnna, ofBoris, ofGuest = "?session=s-anna&account=a-anna&rights=3", "?session=s-boris&account=a-boris&rights=3", ""
	pass := s.passes.Mint(tally, "ru", anna)
	audience, proof, _ := strings.Cut(pass, ".")
	another := s.passes.Mint("poll:43/tally", "ru", anna)
	for name, c := range map[string]struct{ query, pass string }{
		"used by a guest":                      {ofGuest, pass},
		"used by another session":              {ofBoris, pass},
		"used by another session of hers":      {"?session=s-anna2&account=a-anna&rights=3", pass},
		"used by a session that begins alike":  {"?session=s-ann&account=a-anna&rights=3", pass},
		"used by a session with longer name":   {"?session=s-anna%00&account=a-anna&rights=3", pass},
		"of a guest, used by a session":        {ofAnna, s.passes.Mint(tally, "ru", hub.Visitor{})},
		"of before a role change":              {"?session=s-anna&account=a-anna&rights=4", pass},
		"of after a role change":               {"?session=s-anna&account=a-anna&rights=2", pass},
		"of another region":                    {ofAnna, another},
		"of another view":                      {ofAnna, s.passes.Mint("poll:42/ballot", "ru", anna)},
		"of an item of the view":               {ofAnna, s.passes.Mint(tally+"/1", "ru", anna)},
		"of a greater audience":                {ofAnna, audience + "+moderator." + proof},
		"of another language":                  {ofAnna, "en." + proof},
		"of no audience":                       {ofAnna, "." + proof},
		"of two audiences":                     {ofAnna, "ru." + pass},
		"of another secret":                    {ofAnna, hub.NewPasses([]byte("a secret of the test")).Mint(tally, "ru", anna)},
		"of an empty secret":                   {ofAnna, hub.NewPasses(nil).Mint(tally, "ru", anna)},
		"cut by a letter":                      {ofAnna, pass[:len(pass)-1]},
		"cut by four letters":                  {ofAnna, pass[:len(pass)-4]},
		"cut to the audience":                  {ofAnna, audience},
		"cut to the audience and a dot":        {ofAnna, audience + "."},
		"lengthened by a letter":               {ofAnna, pass + "A"},
		"lengthened by four letters":           {ofAnna, pass + "AAAA"},
		"lengthened by the proof once more":    {ofAnna, pass + proof},
		"lengthened by a line break":           {ofAnna, pass + "\n"},
		"broken into two lines":                {ofAnna, pass[:10] + "\r\n" + pass[10:]},
		"lengthened by another pass":           {ofAnna, pass + "." + another},
		"padded":                               {ofAnna, pass + "="},
		"of blanks around":                     {ofAnna, " " + pass + " "},
		"with its proof of another":            {ofAnna, audience + "." + strings.SplitN(another, ".", 2)[1]},
		"in other letters":                     {ofAnna, audience + "." + strings.ToUpper(proof)},
		"in the standard alphabet with zeros":  {ofAnna, audience + "." + strings.Repeat("/", len(proof))},
		"of zeros":                             {ofAnna, audience + "." + strings.Repeat("A", len(proof))},
		"of an audience that is no word":       {ofAnna, "ru<b>." + proof},
		"of an audience of a zero":             {ofAnna, "ru\x00." + proof},
		"as long as a pass can be":             {ofAnna, "ru." + strings.Repeat("A", 125)},
		"nothing":                              {ofAnna, ""},
		"a dot":                                {ofAnna, "."},
		"the proof in the place of audience":   {ofAnna, proof + "." + audience},
		"of no region, with fields run across": {ofAnna, s.passes.Mint("", "ru", hub.Visitor{Session: string(tally) + "s-anna", Rights: 3})},
	} {
		a := s.attack(t, c.query, "")
		joined, denied := a.answerTo(map[event.Region]string{tally: c.pass})
		if len(joined) != 0 || !slices.Equal(denied, []event.Region{tally}) {
			t.Errorf("%s: joined %q, denied %q", name, joined, denied)
		}
		s.awaitCounts(t, 1, 1, 2)
		if err := a.conn.Close(); err != nil {
			t.Fatal(err)
		}
		s.awaitCounts(t, 1, 1, 1)
	}
	// The same pass is good for whom it was made for.
	a := s.attack(t, ofAnna, "")
	if joined, _ := a.answerTo(map[event.Region]string{tally: pass}); !slices.Equal(joined, []event.Region{tally}) {
		t.Errorf("her own pass: joined %q", joined)
	}
	_ = a.conn.Close()
	s.repelled(t)
}

// Who joins 199 regions with passes that are not theirs among one that is gets that
// one and hears of the others.
func TestForgedPassesDoNotSpoilTheGoodOne(t *testing.T) {
	t.Parallel()
	s := besiege(t, hub.Options{})
	regions := polls(hub.MaxRegions)
	stolen := s.passes.Mint(regions[0], "ru", hub.Visitor{})
	join := make(map[event.Region]string, len(regions))
	for _, region := range regions {
		join[region] = stolen
	}
	a := s.attack(t, "", "")
	joined, denied := a.answerTo(join)
	slices.Sort(denied)
	want := slices.Clone(regions[1:])
	slices.Sort(want)
	if !slices.Equal(joined, regions[:1]) || !slices.Equal(denied, want) {
		t.Errorf("joined %q, %d denied", joined, len(denied))
	}
	s.awaitCounts(t, 2, 2, 2)
	_ = a.conn.Close()
	s.repelled(t)
}

// A page that followed a region with a good pass keeps it when it shows a bad one;
// it can not move to an audience it has no pass for.
func TestForgedPassDoesNotMoveAPageToAnotherAudience(t *testing.T) {
	t.Parallel()
	s := besiege(t, hub.Options{})
	pass := s.passes.Mint(tally, "en", hub.Visitor{})
	a := s.attack(t, "", "")
	a.answerTo(map[event.Region]string{tally: pass})
	_, denied := a.answerTo(map[event.Region]string{tally: "en+moderator" + strings.TrimPrefix(pass, "en")})
	if len(denied) != 1 {
		t.Errorf("denied %q", denied)
	}
	s.serves(t)
	if frame := a.awaitText(fmt.Sprintf("poll:42/tally %d<", s.changes)); !strings.Contains(frame, `lang="en"`) {
		t.Errorf("page was shown %s", frame)
	}
	_ = a.conn.Close()
	s.repelled(t)
}
