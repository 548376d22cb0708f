package accounts_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"veche/domain/accounts"
	"veche/handlers"
)

func TestShot(t *testing.T) {
	site := newSite(t, func(o *handlers.Options) { o.Demo = true })
	for _, p := range accounts.Demo() {
		add(t, site, accounts.Account{Name: p.Name, Email: p.Email, Phone: p.Phone, Confirmed: p.Confirmed}, accounts.DemoPassword, p.Grants...)
	}
	fmt.Fprintln(os.Stderr, "READY", site.URL)
	time.Sleep(100 * time.Second)
}
