package devices_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"veche/domain/devices"
)

func TestOfferIsRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind, name, way string
		err             error
	}{
		"a phone":            {"phone", "  Мой\tтелефон ", "qr", nil},
		"a watch by SMS":     {"watch", "Часы", "sms", nil},
		"a fridge":           {"fridge", "Холодильник", "qr", devices.ErrNoKind},
		"without a name":     {"phone", " \u200b ", "qr", devices.ErrNoName},
		"with a long name":   {"phone", strings.Repeat("я", 61), "qr", devices.ErrLongName},
		"by pigeon":          {"phone", "Мой", "pigeon", devices.ErrNoWay},
		"with sixty letters": {"tablet", strings.Repeat("я", 60), "sms", nil},
	} {
		offer, err := devices.ParseOffer(c.kind, c.name, c.way)
		if !errors.Is(err, c.err) {
			t.Errorf("%s: %v", name, err)
		}
		if name == "a phone" && offer.Name != "Мой телефон" {
			t.Errorf("the name is kept as %q", offer.Name)
		}
	}
	if _, err := devices.ParseReach("all"); !errors.Is(err, devices.ErrNoReach) {
		t.Errorf("an unknown reach: %v", err)
	}
}

func TestDeviceStatus(t *testing.T) {
	t.Parallel()
	bound := time.Now()
	for want, d := range map[devices.Status]devices.Device{
		devices.Waiting: {},
		devices.Lapsed:  {Lapsed: true},
		devices.Active:  {BoundAt: &bound, Lapsed: true},
	} {
		if got := d.Status(); got != want {
			t.Errorf("%+v is %s", d, got)
		}
	}
}
