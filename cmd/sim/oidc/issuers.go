package oidc

import (
	"slices"
	"strings"
)

// The levels of assurance, from the weakest.
const (
	LevelLow         = "urn:veche:loa:low"
	LevelSubstantial = "urn:veche:loa:substantial"
	LevelHigh        = "urn:veche:loa:high"
)

var levels = []string{LevelLow, LevelSubstantial, LevelHigh}

// Method is a way of showing who one is. Key names it in the catalogues, under
// "oidc.method".
type Method struct {
	Key   string
	AMR   string // RFC 8176
	Level string
}

// Issuer is one provider. Key is its folder in addresses and names it in the
// catalogues, under "oidc.issuer".
type Issuer struct {
	Key     string
	methods []Method
	scopes  map[string][]string // the claims of each
	// confirmed lists the contacts that the provider vouches for.
	confirmed []string
}

const (
	claimEmail = "email"
	claimPhone = "phone_number"
)

var issuers = []Issuer{
	{
		Key: "esia",
		methods: []Method{
			{Key: "otp", AMR: "otp", Level: LevelSubstantial},
			{Key: "face", AMR: "face", Level: LevelHigh},
			{Key: "token", AMR: "hwk", Level: LevelHigh},
		},
		scopes: map[string][]string{
			"profile":   {"name", "given_name", "middle_name", "family_name", "birthdate", "trusted"},
			"email":     {claimEmail, "email_verified"},
			"phone":     {claimPhone, "phone_number_verified"},
			"address":   {"address"},
			"documents": {"snils", "inn"},
		},
		confirmed: []string{claimEmail, claimPhone},
	},
	{
		Key: "bank",
		methods: []Method{
			{Key: "otp", AMR: "otp", Level: LevelSubstantial},
			{Key: "face", AMR: "face", Level: LevelSubstantial},
		},
		scopes: map[string][]string{
			"profile": {"name", "given_name", "middle_name", "family_name", "birthdate"},
			"email":   {claimEmail, "email_verified"},
			"phone":   {claimPhone, "phone_number_verified"},
		},
		confirmed: []string{claimPhone},
	},
	{
		Key:     "social",
		methods: []Method{{Key: "otp", AMR: "otp", Level: LevelLow}},
		scopes: map[string][]string{
			"profile": {"name"},
			"email":   {claimEmail, "email_verified"},
		},
	},
}

// reach are the methods good enough for who asks for levels; all when nobody asks.
// A level that the provider has never heard of is reached by none.
func (i Issuer) reach(asked []string) []Method {
	if len(asked) == 0 {
		return i.methods
	}
	var reaching []Method
	for _, method := range i.methods {
		if satisfies(method.Level, asked) {
			reaching = append(reaching, method)
		}
	}
	return reaching
}

// satisfies says whether a level is at least one of those asked for.
func satisfies(level string, asked []string) bool {
	return len(asked) == 0 || slices.ContainsFunc(asked, func(one string) bool {
		wanted := slices.Index(levels, one)
		return wanted >= 0 && slices.Index(levels, level) >= wanted
	})
}

func (i Issuer) method(key string) (Method, bool) {
	at := slices.IndexFunc(i.methods, func(m Method) bool { return m.Key == key })
	if at < 0 {
		return Method{}, false
	}
	return i.methods[at], true
}

// reachable are the levels that some method reaches, from the weakest.
func (i Issuer) reachable() []string {
	return slices.DeleteFunc(slices.Clone(levels), func(level string) bool {
		return !slices.ContainsFunc(i.methods, func(m Method) bool { return m.Level == level })
	})
}

// Rank names the method's level in the catalogues, under "oidc.level".
func (m Method) Rank() string { return strings.TrimPrefix(m.Level, "urn:veche:loa:") }
