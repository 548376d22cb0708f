package mail

import (
	"context"
	"crypto/tls"
	"embed"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/emersion/go-smtp"
	"golang.org/x/net/netutil"

	"veche/cmd/sim/inbox"
	"veche/cmd/sim/site"
)

//go:embed words.ru.toml words.en.toml page.html
var files embed.FS

const (
	maxLetter      = 25 << 20
	maxRecipients  = 50
	maxConnections = 32
	patience       = time.Minute // for one command or one whole letter
)

// Config says how the relay is reached and whom it trusts.
type Config struct {
	User     string // empty: any credentials are accepted, or none
	Password string
	CertFile string // PEM; both empty: a certificate is made at start
	KeyFile  string
}

// Relay is the mail part.
type Relay struct {
	config      Config
	listener    net.Listener
	server      *smtp.Server
	certificate []byte
	page        *site.Page
}

// New prepares a relay on the listener, which it closes when it stops.
func New(config Config, listener net.Listener, box *inbox.Box, log *slog.Logger) (*Relay, error) {
	pair, err := certificate(config.CertFile, config.KeyFile, listener.Addr().String())
	if err != nil {
		return nil, err
	}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &session{config: config, box: box}, nil
	}))
	server.Domain = "sim.demo.test"
	server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	server.MaxMessageBytes = maxLetter
	server.MaxRecipients = maxRecipients
	server.EnableSMTPUTF8 = true
	server.ReadTimeout = patience
	server.WriteTimeout = patience
	server.ErrorLog = slog.NewLogLogger(log.With("part", "mail").Handler(), slog.LevelWarn)
	return &Relay{config: config, listener: listener, server: server, certificate: pemOf(pair)}, nil
}

// Card introduces the relay to the program.
func (r *Relay) Card() site.Card {
	return site.Card{
		Key: "mail", Protocol: "SMTP, STARTTLS, AUTH", Address: r.listener.Addr().String(), Page: "/mail",
		Files: files, Mount: r.mount, Run: r.run,
	}
}

func (r *Relay) mount(mux *http.ServeMux, frame *site.Site) (err error) {
	if r.page, err = frame.Page(files, "page.html"); err != nil {
		return err
	}
	mux.HandleFunc("GET /mail", r.show)
	mux.HandleFunc("GET /mail/certificate.pem", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-pem-file")
		w.Write(r.certificate)
	})
	return nil
}

func (r *Relay) show(w http.ResponseWriter, request *http.Request) {
	r.page.Render(w, request, http.StatusOK, struct {
		Address    string
		Strict     bool
		MaxLetter  int
		Recipients int
	}{r.listener.Addr().String(), r.config.User != "", maxLetter, maxRecipients})
}

// run accepts letters until ctx is done. A letter in transfer is then cut off:
// its sender has had no answer and sends it again, as SMTP asks of it.
func (r *Relay) run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() {
		r.server.Close()
		r.listener.Close()
	})
	defer stop()
	err := r.server.Serve(netutil.LimitListener(r.listener, maxConnections))
	if ctx.Err() != nil {
		return nil
	}
	return err
}
