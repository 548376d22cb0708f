package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"veche/internal/child"
)

// programs are ours: the portal, and the outside world it talks to.
var programs = []string{"portal", "sim"}

// drain is how long the portal may take to say goodbye to its sockets and finish
// its requests.
const drain = 30 * time.Second

func (d *dev) bin() string { return filepath.Join(d.keep, "bin") }

// build compiles our programs; the Go cache makes it a moment the second time.
func (d *dev) build(ctx context.Context) error {
	if err := os.MkdirAll(d.bin(), 0o755); err != nil {
		return err
	}
	args := []string{"build", "-buildvcs=false", "-o", d.bin() + string(filepath.Separator)}
	for _, name := range programs {
		args = append(args, "./cmd/"+name)
	}
	d.log.Info("building", "programs", strings.Join(programs, " "))
	cmd := exec.Command("go", args...)
	cmd.Dir = d.root
	cmd.Env = append(d.environ, "CGO_ENABLED=0")
	if err := d.runCommand(ctx, cmd, "go"); err != nil {
		return fmt.Errorf("the programs do not compile: %w", err)
	}
	return nil
}

// environment is what our programs are told. A person's own VECHE_ settings win.
func (d *dev) environment() ([]string, error) {
	secret, err := secretFile(d.keep)
	if err != nil {
		return nil, fmt.Errorf("keep the portal's secret: %w", err)
	}
	mail, err := freeAddress("127.0.0.1:8025")
	if err != nil {
		return nil, fmt.Errorf("find a port for mail: %w", err)
	}
	providers, err := d.providersFile()
	if err != nil {
		return nil, fmt.Errorf("write the file of identity providers: %w", err)
	}
	register, err := freeAddress("127.0.0.1:8026")
	if err != nil {
		return nil, fmt.Errorf("find a port for the register: %w", err)
	}
	certificates := filepath.Join(d.keep, "registers")
	usual := map[string]string{
		"VECHE_PUBLIC_URL": d.base(),
		"VECHE_DEMO":       "1",
		"VECHE_DEMO_INBOX": "http://" + d.address(d.simPort) + "/",
		"VECHE_DEV":        "1",
		"VECHE_DRAIN":      "1s",
		"VECHE_SMTP_ADDR":  mail,

		"VECHE_PROVIDERS_FILE": providers,

		"VECHE_REGISTERS_ADDR":      register,
		"VECHE_REGISTERS_DIR":       certificates,
		"VECHE_REGISTERS_URL":       "https://" + register,
		"VECHE_REGISTERS_CA_FILE":   filepath.Join(certificates, "ca.pem"),
		"VECHE_REGISTERS_CERT_FILE": filepath.Join(certificates, "portal.pem"),
		"VECHE_REGISTERS_KEY_FILE":  filepath.Join(certificates, "portal-key.pem"),
	}
	if d.get("VECHE_SMS_URL") == "" {
		usual["VECHE_SMS_URL"] = "http://" + d.address(d.simPort) + "/sms/v1/messages"
		usual["VECHE_SMS_TOKEN"] = rand.Text()
		usual["VECHE_SMS_SECRET"] = rand.Text()
	}
	if d.get("VECHE_SECRET") == "" {
		usual["VECHE_SECRET_FILE"] = secret
	}
	env := append([]string(nil), d.environ...)
	for name, value := range usual {
		if d.get(name) == "" {
			env = append(env, name+"="+value)
		}
	}
	return append(env,
		fmt.Sprintf("PORT=%d", d.port),
		fmt.Sprintf("SIM_PORT=%d", d.simPort),
		"VECHE_DATABASE_URL="+d.databaseURL,
		"VECHE_REDIS_URL="+d.redisURL,
	), nil
}

// freeAddress is where a part of sim listens: at its usual port while that is free, so
// that two portals on one machine do not meet there.
func freeAddress(usual string) (string, error) {
	listener, err := net.Listen("tcp4", usual)
	if err != nil {
		if listener, err = net.Listen("tcp4", "127.0.0.1:0"); err != nil {
			return "", err
		}
	}
	return listener.Addr().String(), listener.Close()
}

func (d *dev) command(env []string, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(d.bin(), name), args...)
	cmd.Dir = d.root
	cmd.Env = env
	return cmd
}

// startProgram runs one of our programs as a part: its end breaks the run.
func (d *dev) startProgram(env []string, name string, args ...string) error {
	cmd := d.command(env, name, args...)
	flush := d.speakAs(cmd, name)
	process, err := child.Start(cmd, syscall.SIGTERM)
	if err != nil {
		return err
	}
	stopping := make(chan struct{})
	d.parts = append(d.parts, part{name, func() error {
		close(stopping)
		return process.Stop(syscall.SIGTERM, drain)
	}})
	go func() {
		<-process.Done()
		flush()
		select {
		case <-stopping:
		default:
			d.breakDown(fmt.Errorf("%s ended by itself (%s): its last lines above say why", name, outcome(process.Err())))
		}
	}()
	return nil
}

// runProgram runs one of our programs to its end.
func (d *dev) runProgram(ctx context.Context, env []string, name string, args ...string) error {
	if err := d.runCommand(ctx, d.command(env, name, args...), name); err != nil {
		return fmt.Errorf("%s %s failed (%w): its last lines above say why", name, strings.Join(args, " "), err)
	}
	return nil
}

// runCommand waits for the command; ctx stops it.
func (d *dev) runCommand(ctx context.Context, cmd *exec.Cmd, name string) error {
	flush := d.speakAs(cmd, name)
	defer flush()
	process, err := child.Start(cmd, syscall.SIGTERM)
	if err != nil {
		return err
	}
	select {
	case <-process.Done():
		return process.Err()
	case <-ctx.Done():
		_ = process.Stop(syscall.SIGTERM, 5*time.Second)
		return ctx.Err()
	}
}

// speakAs shows a program's lines under its name.
func (d *dev) speakAs(cmd *exec.Cmd, name string) (flush func()) {
	lines := newPrefixer(d.stderr, name)
	cmd.Stdout, cmd.Stderr = lines, lines
	return lines.flush
}

func outcome(err error) string {
	if err == nil {
		return "exit status 0"
	}
	return err.Error()
}

// withoutTime leaves out what a person at a terminal does not need.
func withoutTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}
