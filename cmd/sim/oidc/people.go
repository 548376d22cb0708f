package oidc

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"veche/domain/accounts"
)

// Person is somebody the providers know. All of them are made up.
type Person struct {
	Key       string
	Name      string // given name, patronymic, family name
	Email     string
	Phone     string // E.164
	Birthdate string // 2006-01-02
	SNILS     string // eleven digits
	INN       string // twelve digits
	Address   string
	Trusted   bool // confirmed in person
}

// People are those whom every provider offers: the demo people of the portal, and two
// who have no account there.
func People() []Person {
	var people []Person
	for _, known := range accounts.Demo() {
		people = append(people, Person{
			Key: known.Key, Name: known.Name, Email: known.Email, Phone: known.Phone, SNILS: known.SNILS, INN: known.INN, Trusted: true,
		})
	}
	people = append(people,
		Person{Key: "nina", Name: "Нина Петровна Астахова", Email: "nina@demo.test", Phone: "+79440000009", Trusted: true},
		Person{Key: "yuri", Name: "Юрий Олегович Белов", Email: "yuri@demo.test", Phone: "+79440000010"},
	)
	for i := range people {
		people[i].document(i + 1)
	}
	return people
}

// document gives the n-th person papers. Insurance numbers up to 001-001-998 and tax
// numbers of the region 98, which there is not, were never given to anybody.
func (p *Person) document(n int) {
	p.Birthdate = fmt.Sprintf("%d-%02d-%02d", 1968+3*n, 1+n%12, 10+n)
	if p.SNILS == "" {
		p.SNILS, p.INN = snils(fmt.Sprintf("001001%03d", n)), inn(fmt.Sprintf("9800%06d", n))
	}
	p.Address = fmt.Sprintf("101000, г. Демоград, ул. Садовая, д. %d, кв. %d", n, 10+n)
}

// snils adds the two control digits to the nine of an insurance number (the weights go
// from nine down to one; the sum is taken modulo 101, where 100 counts as 0).
func snils(nine string) string {
	sum := 0
	for i, digit := range nine {
		sum += int(digit-'0') * (9 - i)
	}
	return fmt.Sprintf("%s%02d", nine, sum%101%100)
}

// inn adds the two control digits to the ten of a person's tax number.
func inn(ten string) string {
	control := func(digits string, weights []int) string {
		sum := 0
		for i, digit := range digits {
			sum += int(digit-'0') * weights[i]
		}
		return fmt.Sprint(sum % 11 % 10)
	}
	eleven := ten + control(ten, []int{7, 2, 4, 10, 3, 5, 9, 4, 6, 8})
	return eleven + control(eleven, []int{3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8})
}

func (p *Provider) person(key string) (Person, bool) {
	at := slices.IndexFunc(p.people, func(known Person) bool { return known.Key == key })
	if at < 0 {
		return Person{}, false
	}
	return p.people[at], true
}

// hinted is the person a login_hint means, by e-mail or phone; "" when nobody.
func (p *Provider) hinted(hint string) string {
	phone := strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) || r == '+' {
			return r
		}
		return -1
	}, hint)
	for _, known := range p.people {
		if strings.EqualFold(known.Email, strings.TrimSpace(hint)) || known.Phone == phone {
			return known.Key
		}
	}
	return ""
}

// subject names the person at one issuer. It stays the same over restarts, tells
// nothing, and differs from one issuer to the next.
func subject(issuer, person string) string {
	sum := sha256.Sum256([]byte("subject\x00" + issuer + "\x00" + person))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:10]))
}

// claims are what the scopes let a client know of the person.
func (i Issuer) claims(person Person, scopes []string) map[string]any {
	all := map[string]any{
		"name": person.Name, "birthdate": person.Birthdate, "trusted": person.Trusted,
		claimEmail: person.Email, "email_verified": slices.Contains(i.confirmed, claimEmail),
		claimPhone: person.Phone, "phone_number_verified": slices.Contains(i.confirmed, claimPhone),
		"address": map[string]string{"formatted": person.Address},
		"snils":   person.SNILS, "inn": person.INN,
	}
	if parts := strings.Fields(person.Name); len(parts) == 3 {
		all["given_name"], all["middle_name"], all["family_name"] = parts[0], parts[1], parts[2]
	}
	told := map[string]any{"sub": subject(i.Key, person.Key), "demo": true}
	for _, scope := range scopes {
		for _, claim := range i.scopes[scope] {
			if value, known := all[claim]; known {
				told[claim] = value
			}
		}
	}
	return told
}
