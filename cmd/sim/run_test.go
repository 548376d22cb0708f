package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wneessen/go-mail"
)

// asProgram makes the test binary be the program itself, for tests of signals
// and exit codes.
const asProgram = "VECHE_SIM_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

var readyLine = regexp.MustCompile(`^sim: pages on (http://127\.0\.0\.1:\d+), mail on (127\.0\.0\.1:\d+)\n$`)

func ordinary() Config {
	return Config{
		Zone: time.UTC, SMTPAddr: "127.0.0.1:0", SMSToken: "token", SMSSecret: "secret", SMSLate: 10 * time.Millisecond,
		PublicURL: "http://127.0.0.1:8080", OIDCClient: "portal", ESIASecret: "e", BankSecret: "b", SocialSecret: "s",
		RegistersAddr: "127.0.0.1:0",
	}
}

// startSim runs the program inside the test and says where it listens.
func startSim(t *testing.T, adjust ...func(*Config)) (pages, smtp string) {
	t.Helper()
	config := ordinary()
	for _, change := range adjust {
		change(&config)
	}
	ctx, cancel := context.WithCancel(context.Background())
	reader, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := serve(ctx, config, writer, slog.New(slog.DiscardHandler))
		writer.Close()
		ended <- err
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the program ended with %v", err)
		}
	})
	line, err := bufio.NewReader(reader).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	match := readyLine.FindStringSubmatch(line)
	if match == nil {
		t.Fatalf("ready line %q", line)
	}
	return match[1], match[2]
}

func sendText(t *testing.T, pages, id, text string) {
	t.Helper()
	content, err := json.Marshal(map[string]string{"id": id, "to": "+79161234567", "text": text})
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, pages+"/sms/v1/messages", bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer token")
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusAccepted {
		t.Fatalf("the gateway answered %s", response.Status)
	}
}

func sendLetter(t *testing.T, smtp, subject, text, html string) {
	t.Helper()
	host, portText, _ := strings.Cut(smtp, ":")
	port, err := strconv.Atoi(portText)
	if err != nil {
		t.Fatal(err)
	}
	message := mail.NewMsg()
	if err := message.From("no-reply@veche.test"); err != nil {
		t.Fatal(err)
	}
	if err := message.To("anna@demo.test"); err != nil {
		t.Fatal(err)
	}
	message.Subject(subject)
	message.SetBodyString(mail.TypeTextPlain, text)
	if html != "" {
		message.AddAlternativeString(mail.TypeTextHTML, html)
	}
	client, err := mail.NewClient(host, mail.WithPort(port), mail.WithTLSPolicy(mail.NoTLS))
	if err != nil {
		t.Fatal(err)
	}
	if err := client.DialAndSendWithContext(t.Context(), message); err != nil {
		t.Fatal(err)
	}
}

func TestBothNetworksEndInOneInbox(t *testing.T) {
	pages, smtp := startSim(t)
	sendLetter(t, smtp, "Первое", "письмо", "")
	sendText(t, pages, "1", "второе")
	response, err := http.Get(pages + "/api/messages")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var messages []struct{ Kind, Subject, Text string }
	if err := json.NewDecoder(response.Body).Decode(&messages); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%q", messages); got != `[{"sms" "" "второе"} {"mail" "Первое" "письмо\n"}]` {
		t.Errorf("inbox %s", got)
	}
	for _, path := range []string{"/", "/mail", "/sms", "/oidc", "/oidc/esia", "/registers", "/healthz"} {
		page, err := http.Get(pages + path)
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(page.Body)
		page.Body.Close()
		if err != nil || page.StatusCode != http.StatusOK {
			t.Errorf("%s: %s, %v", path, page.Status, err)
		}
		if bytes.Contains(content, []byte("[sms.")) || bytes.Contains(content, []byte("[mail.")) || bytes.Contains(content, []byte("[inbox.")) || bytes.Contains(content, []byte("[oidc.")) || bytes.Contains(content, []byte("[registers.")) {
			t.Errorf("%s shows a missing word:\n%s", path, content)
		}
	}
}

func TestTakenPortIsOneClearSentence(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	address := taken.Addr().String()

	pages := ordinary()
	pages.Port = taken.Addr().(*net.TCPAddr).Port
	smtp := ordinary()
	smtp.SMTPAddr = address
	register := ordinary()
	register.RegistersAddr = address
	for variable, config := range map[string]Config{"SIM_PORT": pages, "VECHE_SMTP_ADDR": smtp, "VECHE_REGISTERS_ADDR": register} {
		err := serve(t.Context(), config, io.Discard, slog.New(slog.DiscardHandler))
		want := address + " is already in use: stop the program that uses it, or set " + variable + " to another one"
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v", variable, err)
		}
	}
}

func TestSettingsAreCheckedTogether(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"SIM_PORT":              func(c *Config) { c.Port = 70000 },
		"VECHE_SMTP_PASSWORD":   func(c *Config) { c.SMTPUser = "portal" },
		"VECHE_SMTP_TLS_KEY":    func(c *Config) { c.SMTPCert = "a.pem" },
		"VECHE_SMS_TOKEN":       func(c *Config) { c.SMSToken = "" },
		"VECHE_SMS_LATE":        func(c *Config) { c.SMSLate = 0 },
		"VECHE_SIM_ESIA":        func(c *Config) { c.ESIASecret = "" },
		"VECHE_PUBLIC_URL":      func(c *Config) { c.PublicURL = "portal.test" },
		"VECHE_REGISTERS_DELAY": func(c *Config) { c.RegistersDelay = -1 },
	} {
		config := ordinary()
		change(&config)
		if err := config.check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if err := ordinary().check(); err != nil {
		t.Error(err)
	}
}

func TestHelpListsEverySetting(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"help"}, &out); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"SIM_PORT", "8090", "VECHE_SMTP_ADDR", "127.0.0.1:8025", "VECHE_SMS_TOKEN", "VECHE_TIMEZONE"} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("help lacks %s", line)
		}
	}
	if err := run(t.Context(), []string{"dance"}, &out); err == nil || !strings.Contains(err.Error(), "dance") {
		t.Errorf("unknown command: %v", err)
	}
}

func TestSignalsStopTheProgramCleanly(t *testing.T) {
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		program := exec.CommandContext(t.Context(), os.Args[0])
		program.Env = append(os.Environ(), asProgram+"=1", "SIM_PORT=0", "VECHE_SMTP_ADDR=127.0.0.1:0", "VECHE_REGISTERS_ADDR=127.0.0.1:0")
		out, err := program.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := program.Start(); err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		match := readyLine.FindStringSubmatch(line)
		if match == nil {
			t.Fatalf("ready line %q", line)
		}
		// An open stream and connections nobody speaks on must not hold it.
		stream, err := http.Get(match[1] + "/events")
		if err != nil {
			t.Fatal(err)
		}
		defer stream.Body.Close()
		for _, address := range []string{strings.TrimPrefix(match[1], "http://"), match[2]} {
			idle, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			defer idle.Close()
		}

		started := time.Now()
		if err := program.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if err := program.Wait(); err != nil {
			t.Errorf("%s: %v", signal, err)
		}
		if took := time.Since(started); took > 2500*time.Millisecond {
			t.Errorf("%s: stopping took %s", signal, took)
		}
	}
}
