package moderation_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"veche/domain/event"
	"veche/domain/moderation"
)

var (
	noon = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)
	gleb = moderation.Person{Account: 4, Public: "gleb", Name: "Глеб Андреевич Карпов"}
	dina = moderation.Person{Account: 5, Public: "dina", Name: "Дина Маратовна Юсупова"}
)

func heldBy(who moderation.Person, token int64, until time.Time) moderation.Item {
	return moderation.Item{
		ID: 1, Author: 9, State: moderation.StateWaiting,
		Lease: moderation.Lease{Holder: who, Token: token, Until: until},
	}
}

func TestTake(t *testing.T) {
	t.Parallel()
	free := moderation.Item{ID: 1, Author: 9, State: moderation.StateWaiting, Lease: moderation.Lease{Token: 7}}
	lost := free
	lost.Lease.Before = dina
	decided := free
	decided.State, decided.Decision.By = moderation.StateDecided, dina
	own := free
	own.Author = gleb.Account
	for name, c := range map[string]struct {
		item   moderation.Item
		want   error
		token  int64
		before moderation.Person
	}{
		"free":                         {free, nil, 8, moderation.Person{}},
		"free, lost by a colleague":    {lost, nil, 8, dina},
		"one's own to the last moment": {heldBy(gleb, 7, noon.Add(1)), nil, 7, moderation.Person{}},
		"one's own that ran out":       {heldBy(gleb, 7, noon.Add(-time.Hour)), nil, 7, moderation.Person{}},
		"a colleague's":                {heldBy(dina, 7, noon.Add(1)), moderation.ErrHeld, 0, moderation.Person{}},
		"a colleague's that ran out":   {heldBy(dina, 7, noon), nil, 8, dina},
		"decided":                      {decided, moderation.ErrDecided, 0, moderation.Person{}},
		"one's own text":               {own, moderation.ErrOwnSubmission, 0, moderation.Person{}},
	} {
		after, err := c.item.Take(gleb, noon)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
			continue
		}
		want := moderation.Lease{Holder: gleb, Before: c.before, Token: c.token, Until: noon.Add(moderation.LeaseFor)}
		if err == nil && after.Lease != want {
			t.Errorf("%s: %+v", name, after.Lease)
		}
	}
}

func TestVerdictNeedsWhatTheAuthorIsTold(t *testing.T) {
	t.Parallel()
	item := heldBy(gleb, 7, noon.Add(time.Minute))
	for name, c := range map[string]struct {
		verdict moderation.Verdict
		want    error
	}{
		"allowed":               {moderation.NewVerdict("allow", "", ""), nil},
		"refused":               {moderation.NewVerdict("refuse", "insult", ""), nil},
		"refused for nothing":   {moderation.NewVerdict("refuse", "", ""), moderation.ErrNoGround},
		"refused for nonsense":  {moderation.NewVerdict("refuse", "mood", ""), moderation.ErrNoGround},
		"neither":               {moderation.NewVerdict("", "insult", ""), moderation.ErrNoOutcome},
		"a note that just fits": {moderation.NewVerdict("allow", "", strings.Repeat("ы", moderation.MaxNote)), nil},
		"a note too long":       {moderation.NewVerdict("allow", "", strings.Repeat("ы", moderation.MaxNote+1)), moderation.ErrLongNote},
	} {
		after, err := item.Decide(gleb, 7, c.verdict, noon)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if err == nil && (after.State != moderation.StateDecided || !after.Decision.EffectiveAt.Equal(noon.Add(moderation.UndoFor))) {
			t.Errorf("%s: %+v", name, after)
		}
	}
	after, err := item.Decide(gleb, 7, moderation.NewVerdict("allow", "insult", ""), noon)
	if err != nil || after.Decision.Ground != "" {
		t.Errorf("allowed with the ground %q, %v", after.Decision.Ground, err)
	}
}

func TestNoteIsKeptClean(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"  две\r\nстроки ": "две\nстроки",
		"и\u0306":          "й",
		"a\x00b\x1b\xffc":  "abc",
	} {
		if got := moderation.NewVerdict("allow", "", typed).Note; got != want {
			t.Errorf("%q is kept as %q", typed, got)
		}
	}
}

func TestShortNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"Глеб Андреевич Карпов": "Глеб К.", "Ян Ли": "Ян Л.", "Администратор": "Администратор", "": ""} {
		if got := (moderation.Person{Name: name}).Short(); got != want {
			t.Errorf("%q is %q", name, got)
		}
	}
}

func TestPlaceIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	for _, place := range []moderation.Place{{At: noon.Add(123456 * time.Microsecond), ID: 7}, {At: time.UnixMicro(0).UTC(), ID: 1}} {
		if got := moderation.ParsePlace(place.String()); !got.At.Equal(place.At) || got.ID != place.ID {
			t.Errorf("%v is read as %v", place, got)
		}
	}
	for _, nonsense := range []string{"", ".", "1.", ".1", "-1.1", "1.-1", "999999999999999999.1"} {
		if got := moderation.ParsePlace(nonsense); got != moderation.Start() {
			t.Errorf("%q is read as %v", nonsense, got)
		}
	}
}

func TestRegionsAreValid(t *testing.T) {
	t.Parallel()
	for _, r := range []event.Region{
		moderation.HeadRegion, moderation.CountRegion, moderation.CardOf(7), moderation.LeaseOf(7), moderation.UndoOf("gleb"), moderation.OwnOf("gleb", 7),
	} {
		if !r.Valid() {
			t.Error(r)
		}
	}
}
