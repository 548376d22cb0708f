package main

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	factorsdb "veche/db/factors"
	"veche/db/given"
	"veche/domain/accounts"
	"veche/domain/factors"
)

// fingerprint gives the window a reader that knows its owner, or one that does not.
func (v *tab) fingerprint(knows bool) {
	v.t.Helper()
	v.run(webauthn.Enable(), chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := webauthn.AddVirtualAuthenticator(&webauthn.VirtualAuthenticatorOptions{
			Protocol:                    webauthn.AuthenticatorProtocolCtap2,
			Transport:                   webauthn.AuthenticatorTransportInternal,
			HasResidentKey:              true,
			HasUserVerification:         true,
			IsUserVerified:              knows,
			AutomaticPresenceSimulation: true,
		}).Do(ctx)
		return err
	}))
}

// Browsers know passkeys under a name only, so the portal is open as localhost.
func TestFingerprintIsAddedInBrowser(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	site := start(t, "PORT", port, "VECHE_PUBLIC_URL", "http://127.0.0.1:"+port)
	named := "http://localhost:" + port
	browser := chromium(t)
	anna, token := given.Person(t, site.DB)
	if _, err := site.DB.Pool().Exec(t.Context(), `UPDATE accounts SET email_confirmed_at = now(), second_factor = 'off'`); err != nil {
		t.Fatal(err)
	}

	numbered := site.visitor(t, browser, token)
	numbered.open("/settings/security")
	numbered.awaitText("main", "Откройте портал по имени localhost")
	if numbered.visible(`form[action="/settings/security/passkeys"]`) {
		t.Error("under a number a fingerprint is asked for all the same")
	}

	v := newTab(t, browser, named, token)
	v.run(emulation.SetDeviceMetricsOverride(360, 800, 1, true))
	v.fingerprint(true)
	v.open("/settings/security")
	v.shot("factors-settings-360")
	v.click(`form[action="/settings/security/passkeys"] button`)
	v.arrives("h1", "Новое устройство")
	v.shot("factors-passkey-360")
	v.eval(`document.querySelector('[name="name"]').value = 'Телефон Анны'`, nil)
	v.click(`form[data-passkey] button`)
	v.arrives(".passkey-name", "Телефон Анны")
	v.awaitText("main [role=status]", "Устройство добавлено")
	v.shot("factors-added-360")
	if methods := methodsOf(t, site, anna.Account); methods.Passkeys != 1 {
		t.Errorf("the portal knows %d passkeys", methods.Passkeys)
	}

	// The device says itself that it is known already.
	v.click(`form[action="/settings/security/passkeys"] button`)
	v.arrives("h1", "Новое устройство")
	v.click(`form[data-passkey] button`)
	v.awaitText("[data-said]", "уже добавлено")

	// It is chosen like any other method, and the codes come with it.
	v.open("/settings/security")
	v.click(`input[value="passkey"]`)
	v.click(`main form:has(input[type="radio"]) button`)
	v.arrives("h1", "Готово")
	v.shot("factors-codes-360")
	var codes int
	v.eval(`document.querySelectorAll('#backup-codes li').length`, &codes)
	if codes != factors.BackupCodes || !v.visible("[data-print]") || !v.visible("[data-copy]") {
		t.Errorf("%d codes, to be printed: %v, to be copied: %v", codes, v.visible("[data-print]"), v.visible("[data-copy]"))
	}
	if methods := methodsOf(t, site, anna.Account); methods.Preferred != factors.Passkey {
		t.Errorf("preferred is %s", methods.Preferred)
	}
}

func TestStrangersFingerprintAddsNothingInBrowser(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	site := start(t, "PORT", port)
	browser := chromium(t)
	anna, token := given.Person(t, site.DB)
	v := newTab(t, browser, "http://localhost:"+port, token)
	v.fingerprint(false)
	v.open("/settings/security")
	v.click(`form[action="/settings/security/passkeys"] button`)
	v.arrives("h1", "Новое устройство")
	v.click(`form[data-passkey] button`)
	v.awaitText("[data-said]", "Устройство не подтвердило вход")
	if methods := methodsOf(t, site, anna.Account); methods.Passkeys != 0 {
		t.Error("a passkey was added")
	}
}

func TestAppIsSetUpInBrowser(t *testing.T) {
	t.Parallel()
	site := start(t)
	browser := chromium(t)
	_, token := given.Person(t, site.DB)
	v := site.visitor(t, browser, token)
	v.run(emulation.SetDeviceMetricsOverride(360, 800, 1, true))
	v.open("/settings/security")
	v.click(`form[action="/settings/security/totp"] button`)
	v.arrives("h1", "Подключение приложения")
	v.awaitJS(`document.querySelector('img.qr')?.naturalWidth > 200`) // the policy lets the picture in
	v.shot("factors-app-360")
	v.run(emulation.SetDeviceMetricsOverride(1440, 900, 1, false))
	v.shot("factors-app-1440")
	var key string
	v.eval(`document.querySelector('.secret').textContent`, &key)
	if key = strings.ReplaceAll(key, " ", ""); len(key) != 32 {
		t.Errorf("the key is %d letters long", len(key))
	}
	v.open("/settings/security")
	v.shot("factors-settings-1440")
}

func methodsOf(t *testing.T, site *program, id accounts.ID) factors.Methods {
	t.Helper()
	store, err := factorsdb.New(site.DB, factorsdb.Options{Secret: []byte("only read with")})
	if err != nil {
		t.Fatal(err)
	}
	methods, err := store.Methods(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return methods
}
