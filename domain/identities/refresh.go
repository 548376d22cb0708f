package identities

import (
	"time"

	"veche/domain/accounts"
)

// Profile is what the portal keeps of a person that the state keeps too.
type Profile struct {
	Name      string
	Phone     string
	SNILS     string
	INN       string
	BirthDate time.Time // zero when it is not known
	Confirmed bool
}

// Field names a part of the profile in the catalogues.
type Field string

// The fields that the state keeps fresh.
const (
	FieldName      Field = "name"
	FieldPhone     Field = "phone"
	FieldSNILS     Field = "snils"
	FieldINN       Field = "inn"
	FieldBirthDate Field = "birth_date"
	FieldConfirmed Field = "confirmed"
)

// Refresh takes over what the state tells, so that nothing is typed again (ID-11), and
// lists what changed. What it does not tell stays, contacts that the person has chosen
// stay, and a confirmation is never taken back.
func Refresh(kept Profile, p Person) (Profile, []Field) {
	fresh := kept
	if name, err := accounts.ParseFullName(p.Name); err == nil {
		fresh.Name = name
	}
	if fresh.Phone == "" && p.PhoneVerified {
		fresh.Phone = p.Phone
	}
	if p.SNILS != "" {
		fresh.SNILS = p.SNILS
	}
	if p.INN != "" {
		fresh.INN = p.INN
	}
	if !p.BirthDate.IsZero() {
		fresh.BirthDate = p.BirthDate
	}
	fresh.Confirmed = kept.Confirmed || p.Trusted
	var changed []Field
	for _, part := range []struct {
		field   Field
		differs bool
	}{
		{FieldName, fresh.Name != kept.Name},
		{FieldPhone, fresh.Phone != kept.Phone},
		{FieldSNILS, fresh.SNILS != kept.SNILS},
		{FieldINN, fresh.INN != kept.INN},
		{FieldBirthDate, !fresh.BirthDate.Equal(kept.BirthDate)},
		{FieldConfirmed, fresh.Confirmed != kept.Confirmed},
	} {
		if part.differs {
			changed = append(changed, part.field)
		}
	}
	return fresh, changed
}
