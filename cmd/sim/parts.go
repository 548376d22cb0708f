package main

import (
	"fmt"
	"log/slog"
	"net"
	"time"

	"veche/cmd/sim/inbox"
	"veche/cmd/sim/mail"
	"veche/cmd/sim/oidc"
	"veche/cmd/sim/registers"
	"veche/cmd/sim/site"
	"veche/cmd/sim/sms"
)

// parts builds every simulated system. address is the program's base URL.
func parts(config Config, address string, smtp, papers net.Listener, log *slog.Logger) ([]site.Card, error) {
	box := inbox.NewBox(inbox.Ordinary, time.Now)
	relay, err := mail.New(mail.Config{
		User: config.SMTPUser, Password: config.SMTPPassword, CertFile: config.SMTPCert, KeyFile: config.SMTPKey,
	}, smtp, box, log)
	if err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	gateway := sms.New(sms.Config{
		Token: config.SMSToken, Secret: config.SMSSecret, CallbackHosts: config.SMSCallbackHosts,
		Late: config.SMSLate, Pauses: sms.Pauses,
	}, address, box, time.Now, log)
	providers := oidc.New(oidc.Config{Clients: config.clients(), Pauses: oidc.Pauses}, address, time.Now, log)
	register, err := registers.New(registers.Config{Dir: config.RegistersDir, Delay: config.RegistersDelay}, papers, time.Now, log)
	if err != nil {
		return nil, fmt.Errorf("registers: %w", err)
	}
	return []site.Card{
		inbox.Card(box, address),
		relay.Card(),
		gateway.Card(),
		providers.Card(),
		register.Card(),
	}, nil
}
