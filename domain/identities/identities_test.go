package identities_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"veche/domain/identities"
)

var nina = identities.Person{
	Provider: "esia", Issuer: "https://esia.example", Subject: "n", Name: "Нина Петровна Астахова",
	Email: "nina@demo.test", EmailVerified: true, Phone: "+79440000009", PhoneVerified: true,
	SNILS: "00100100920", INN: "000000000900", BirthDate: time.Date(1995, 10, 19, 0, 0, 0, 0, time.UTC),
	Trusted: true, ACR: "urn:veche:loa:substantial", AMR: []string{"otp"},
}

func with(change func(*identities.Person)) identities.Person {
	p := nina
	change(&p)
	return p
}

func TestWhoseAccountItIs(t *testing.T) {
	t.Parallel()
	low := with(func(p *identities.Person) { p.ACR = "urn:veche:loa:low" })
	for name, c := range map[string]struct {
		person identities.Person
		trust  identities.Trust
		known  identities.Known
		want   identities.Arrival
	}{
		"bound":                                {nina, identities.State, identities.Known{Bound: 7}, identities.Arrival{Step: identities.Enter, Account: 7}},
		"bound, though another has the number": {nina, identities.State, identities.Known{Bound: 7, BySNILS: 8}, identities.Arrival{Step: identities.Enter, Account: 7}},
		"bound at a network":                   {low, identities.Social, identities.Known{Bound: 7}, identities.Arrival{Step: identities.Enter, Account: 7}},
		"the number is known":                  {nina, identities.State, identities.Known{BySNILS: 8, Taken: true}, identities.Arrival{Step: identities.Bind, Account: 8}},
		"the number is somebody else's there":  {nina, identities.State, identities.Known{BySNILS: 8, Other: true}, identities.Arrival{Step: identities.Offer, Reason: identities.Taken}},
		"nobody":                               {nina, identities.State, identities.Known{}, identities.Arrival{Step: identities.Create}},
		"the mailbox is taken":                 {nina, identities.State, identities.Known{Taken: true}, identities.Arrival{Step: identities.Offer, Reason: identities.Taken}},
		"the state is not sure":                {low, identities.State, identities.Known{BySNILS: 8}, identities.Arrival{Step: identities.Offer, Reason: identities.Weak}},
		"a bank says the same":                 {nina, identities.Bank, identities.Known{BySNILS: 8}, identities.Arrival{Step: identities.Offer, Reason: identities.Unbound}},
		"a network says the same":              {nina, identities.Social, identities.Known{}, identities.Arrival{Step: identities.Offer, Reason: identities.Unbound}},
		"no verified mailbox":                  {with(func(p *identities.Person) { p.EmailVerified = false }), identities.State, identities.Known{}, identities.Arrival{Step: identities.Offer, Reason: identities.Lacking}},
		"no name":                              {with(func(p *identities.Person) { p.Name = "" }), identities.State, identities.Known{}, identities.Arrival{Step: identities.Offer, Reason: identities.Lacking}},
	} {
		if got := identities.Arrive(c.person, c.trust, c.known); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestWhatIsWorthTwoProofs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		acr   string
		amr   []string
		trust identities.Trust
		want  bool
	}{
		{"urn:veche:loa:high", nil, identities.State, true},
		{"http://eidas.europa.eu/LoA/substantial", []string{"pwd", "otp"}, identities.State, true},
		{"urn:veche:loa:substantial", []string{"face"}, identities.Bank, true},
		{"urn:veche:loa:substantial", []string{"hwk"}, identities.Bank, true},
		{"urn:veche:loa:substantial", []string{"pwd"}, identities.State, false},
		{"urn:veche:loa:low", []string{"otp"}, identities.State, false},
		{"", []string{"otp"}, identities.State, false},
		{"urn:veche:loa:high", []string{"hwk"}, identities.Social, false},
	} {
		p := identities.Person{ACR: c.acr, AMR: c.amr}
		if got := p.Proves(c.trust); got != c.want {
			t.Errorf("%q by %q at %s: %v", c.acr, c.amr, c.trust, got)
		}
	}
}

func TestWhoMayBind(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		holder identities.Holder
		known  identities.Known
		want   error
	}{
		"nobody bound it":         {identities.Holder{Account: 1}, identities.Known{}, nil},
		"bound here already":      {identities.Holder{Account: 1, Bound: true}, identities.Known{Bound: 1}, nil},
		"bound by another":        {identities.Holder{Account: 1}, identities.Known{Bound: 2}, identities.ErrBoundElsewhere},
		"another person is bound": {identities.Holder{Account: 1, Bound: true}, identities.Known{}, identities.ErrBoundAlready},
		"another number":          {identities.Holder{Account: 1, SNILS: "00100100112"}, identities.Known{}, identities.ErrSomebodyElse},
		"another has the number":  {identities.Holder{Account: 1}, identities.Known{BySNILS: 2}, identities.ErrBoundElsewhere},
		"the same number":         {identities.Holder{Account: 1, SNILS: nina.SNILS}, identities.Known{BySNILS: 1}, nil},
	} {
		if got := identities.CanBind(nina, c.holder, c.known); !errors.Is(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestLastWayInStays(t *testing.T) {
	t.Parallel()
	one := []identities.Identity{{}}
	for name, c := range map[string]struct {
		ways identities.Overview
		want error
	}{
		"nothing else":     {identities.Overview{Identities: one}, identities.ErrLastWay},
		"a password":       {identities.Overview{Identities: one, Password: true}, nil},
		"a phone":          {identities.Overview{Identities: one, Phone: true}, nil},
		"a fingerprint":    {identities.Overview{Identities: one, Passkeys: 1}, nil},
		"another provider": {identities.Overview{Identities: append(one, identities.Identity{})}, nil},
	} {
		if got := c.ways.CanUnbind(); !errors.Is(got, c.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestNothingIsTypedAgain(t *testing.T) {
	t.Parallel()
	fresh, changed := identities.Refresh(identities.Profile{}, nina)
	want := identities.Profile{Name: nina.Name, Phone: nina.Phone, SNILS: nina.SNILS, INN: nina.INN, BirthDate: nina.BirthDate, Confirmed: true}
	if fresh != want || len(changed) != 6 {
		t.Errorf("%+v, changed %q", fresh, changed)
	}
	if again, changed := identities.Refresh(fresh, nina); again != fresh || len(changed) != 0 {
		t.Errorf("the same once more changes %q", changed)
	}
	kept := identities.Profile{Name: "Нина Астахова", Phone: "+79000000000", Confirmed: true}
	fresh, changed = identities.Refresh(kept, identities.Person{Name: "?", Phone: "+79111111111"})
	if fresh != kept || len(changed) != 0 {
		t.Errorf("what is not vouched for changes %q: %+v", changed, fresh)
	}
	if _, changed = identities.Refresh(kept, identities.Person{Name: "Нина Петровна Белова"}); !slices.Equal(changed, []identities.Field{identities.FieldName}) {
		t.Errorf("a new name changes %q", changed)
	}
}
