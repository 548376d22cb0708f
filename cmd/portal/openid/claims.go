package openid

import (
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/coreos/go-oidc/v3/oidc"
)

// Claims are what a provider says of a person who came. What it did not say, or may not
// be believed in (see Trust), or said in no known form, is left empty.
type Claims struct {
	Provider      string // its key
	Issuer        string
	Subject       string // names the person at the issuer for ever
	Name          string // given name, patronymic, family name
	GivenName     string
	MiddleName    string
	FamilyName    string
	Email         string
	EmailVerified bool
	Phone         string // E.164
	PhoneVerified bool
	SNILS         string // eleven digits
	INN           string // twelve digits
	Birthdate     time.Time
	Address       string
	Trusted       bool // the state knows the person from a visit
	ACR           string
	AMR           []string
	SessionID     string // sid, "" when the provider has no back channel
	AuthTime      time.Time
	// IDToken is the hint for EndSessionURL. It is not written to logs.
	IDToken string
}

// profile is what providers tell of a person, in the ID token or at userinfo.
type profile struct {
	Name          string `json:"name"`
	GivenName     string `json:"given_name"`
	MiddleName    string `json:"middle_name"`
	FamilyName    string `json:"family_name"`
	Email         string `json:"email"`
	EmailVerified yes    `json:"email_verified"`
	Phone         string `json:"phone_number"`
	PhoneVerified yes    `json:"phone_number_verified"`
	SNILS         string `json:"snils"`
	INN           string `json:"inn"`
	Birthdate     string `json:"birthdate"`
	Address       struct {
		Formatted string `json:"formatted"`
	} `json:"address"`
	Trusted yes `json:"trusted"`
}

// yes is a boolean that some providers put into quotes. Everything else is no.
type yes bool

// UnmarshalJSON never fails.
func (y *yes) UnmarshalJSON(text []byte) error {
	*y = string(text) == "true" || string(text) == `"true"`
	return nil
}

var (
	codeForm  = regexp.MustCompile(`^[a-z_]{1,64}$`)
	phoneForm = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	snilsForm = regexp.MustCompile(`^[0-9]{11}$`)
	innForm   = regexp.MustCompile(`^[0-9]{12}$`)
)

const maxText = 300 // characters of a name or an address

func (c *Client) claims(id *oidc.IDToken, said statement, told profile, raw string) Claims {
	claims := Claims{
		Provider: c.Key, Issuer: id.Issuer, Subject: id.Subject,
		Name: line(told.Name), GivenName: line(told.GivenName), MiddleName: line(told.MiddleName), FamilyName: line(told.FamilyName),
		Email: line(told.Email), Phone: matching(phoneForm, without(told.Phone, " -()")),
		ACR: said.ACR, AMR: said.AMR, SessionID: said.SessionID, IDToken: raw,
	}
	if said.AuthTime > 0 {
		claims.AuthTime = time.Unix(said.AuthTime, 0)
	}
	if c.Trust == TrustSocial {
		return claims
	}
	claims.EmailVerified = bool(told.EmailVerified) && claims.Email != ""
	claims.PhoneVerified = bool(told.PhoneVerified) && claims.Phone != ""
	claims.Birthdate, _ = time.Parse(time.DateOnly, told.Birthdate)
	claims.Address = line(told.Address.Formatted)
	if c.Trust != TrustState {
		return claims
	}
	claims.SNILS = matching(snilsForm, without(told.SNILS, " -"))
	claims.INN = matching(innForm, told.INN)
	claims.Trusted = bool(told.Trusted)
	return claims
}

// line is a text of one line, "" when it is longer than anybody's.
func line(text string) string {
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || !unicode.IsPrint(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text))
	if len([]rune(text)) > maxText {
		return ""
	}
	return text
}

func matching(form *regexp.Regexp, text string) string {
	if !form.MatchString(text) {
		return ""
	}
	return text
}

func without(text, unwanted string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(unwanted, r) {
			return -1
		}
		return r
	}, text)
}
