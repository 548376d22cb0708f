package main

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"veche/db"
	"veche/db/given"
	"veche/domain/access"
	"veche/domain/codes"
	"veche/handlers/webtest"

	codesdb "veche/db/codes"
)

// lastCode is the newest code that was asked for, which follows from the portal's secret.
func (p *program) lastCode(t *testing.T) string {
	t.Helper()
	var id int64
	var sending int
	err := p.DB.Pool().QueryRow(t.Context(), `SELECT id, sends FROM codes ORDER BY id DESC LIMIT 1`).Scan(&id, &sending)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.DB.Pool().Exec(t.Context(), `UPDATE codes SET delivery = 'queued' WHERE id = $1`, id); err != nil {
		t.Fatal(err)
	}
	sent := &webtest.Sent{}
	store := codesdb.New(p.DB, []byte(environmentOf("", "", "")["VECHE_SECRET"]), sent)
	if err := store.Send(t.Context(), id, sending, true); err != nil {
		t.Fatal(err)
	}
	messages := sent.Messages()
	if len(messages) != 1 || messages[0].Purpose != codes.ForDevice {
		t.Fatalf("sent %+v", messages)
	}
	return messages[0].Code
}

// reachable gives a person a confirmed phone.
func reachable(t *testing.T, d *db.DB, who access.Actor, phone string) {
	t.Helper()
	_, err := d.Pool().Exec(t.Context(), `UPDATE accounts SET phone = $2, phone_confirmed_at = now() WHERE id = $1`, who.Account, phone)
	if err != nil {
		t.Fatal(err)
	}
}

// tells waits until a page says something, however many loads it takes to get there.
func (v *tab) tells(text string) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	eventually(v.t, "a page that says "+text, func() bool {
		var said bool
		err := chromedp.Run(ctx, chromedp.Evaluate(
			`(document.querySelector('main')?.textContent ?? '').replace(/\s+/g, ' ').includes(`+quoteJS(text)+`)`, &said))
		return err == nil && said // nothing can be asked in between two pages
	})
}

// A second browser becomes a bound device; the first one sees «Активно» without a
// reload, limits it, and the device may only look from then on (SEC-16, SEC-18).
func TestDeviceIsBoundSeenAndLimitedInBrowser(t *testing.T) {
	t.Parallel()
	site := start(t)
	who, token := given.Person(t, site.DB)
	reachable(t, site.DB, who, "+79001234599")
	poll := given.OpenPoll(t, site.DB)
	browser := chromium(t)
	first, second := site.visitor(t, browser, token), site.visitor(t, browser, "")
	watching := site.visitor(t, browser, token)

	first.open("/settings/devices")
	first.shot("devices-none")
	first.run(chromedp.Navigate(site.URL+"/settings/devices/new"), chromedp.WaitReady("#field-name"))
	first.run(chromedp.SetValue("#field-name", "Телефон"))
	first.shot("devices-new")
	first.click("main form button[type=submit]")
	first.tells("Ожидает подтверждения")
	first.awaitJS(`document.querySelector('img.qr')?.naturalWidth > 0`)
	first.shot("devices-qr")
	var link, card string
	first.eval(`document.querySelector('main code').textContent`, &link)
	first.eval(`location.pathname`, &card)
	watching.open(card)

	second.run(chromedp.Navigate(site.URL+link[strings.Index(link, "/devices/"):]), chromedp.WaitReady("main form"))
	second.tells("Телефон")
	second.shot("devices-bind")
	second.click("main form button[type=submit]")
	second.tells("Мы отправили SMS")
	second.shot("devices-code")
	second.run(chromedp.SetValue("#field-code", site.lastCode(t)))
	second.click("main form button[type=submit]")
	second.tells("Активно")

	watching.awaitText("main", "Активно")
	watching.neverReloaded()

	first.open(card)
	first.shot("devices-card")
	second.open(pagePath(poll))
	first.click(`input[name=reach][value=view]`)
	first.click(`main form button[type=submit]`)
	first.tells("Сохранено и уже действует")
	second.awaitReload()
	second.awaitText("body", who.Name)
	var reach string
	err := site.DB.Pool().QueryRow(t.Context(), `
		SELECT d.reach FROM devices d JOIN sessions s ON s.device_id = d.id WHERE s.account_id = $1 AND s.ended_at IS NULL`, who.Account).Scan(&reach)
	if err != nil || reach != "view" {
		t.Errorf("the device's session reaches %q (%v)", reach, err)
	}
	second.run(chromedp.Navigate(site.URL+"/settings/devices/new"), chromedp.WaitReady("main"))
	second.tells("На этом устройстве вам разрешено меньше")
	second.shot("devices-limited")

	first.run(chromedp.Navigate(site.URL+card+"/unbind"), chromedp.WaitReady("main form"))
	first.shot("devices-unbind")
	second.open("/polls")
	first.click(`main form button[type=submit]`)
	first.tells("Устройств пока нет")
	second.tells("Сеанс завершён")
}
