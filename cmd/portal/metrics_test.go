package main

import (
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	simregisters "veche/cmd/sim/registers"
)

var (
	measuredName   = regexp.MustCompile(`(?m)^# HELP (veche_\w+) `)
	documentedName = regexp.MustCompile("(?m)^\\| `(veche_\\w+)` \\|")
)

func names(pattern *regexp.Regexp, text string) []string {
	var found []string
	for _, match := range pattern.FindAllStringSubmatch(text, -1) {
		found = append(found, match[1])
	}
	slices.Sort(found)
	return found
}

// registerFiles are the settings of a portal that knows a register which is away.
func registerFiles(t *testing.T) []string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	dir := t.TempDir()
	if _, err := simregisters.New(simregisters.Config{Dir: dir}, listener, time.Now, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	return []string{
		"VECHE_REGISTERS_URL", "https://" + listener.Addr().String(),
		"VECHE_REGISTERS_CA_FILE", filepath.Join(dir, simregisters.AuthorityFile),
		"VECHE_REGISTERS_CERT_FILE", filepath.Join(dir, simregisters.CertificateFile),
		"VECHE_REGISTERS_KEY_FILE", filepath.Join(dir, simregisters.KeyFile),
	}
}

// What an operator reads about metrics is what there is.
func TestEveryMetricStandsInTheManual(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	told := append(withTexts("http://127.0.0.1:1/"), registerFiles(t)...)
	site := start(t, append(told, "VECHE_SMTP_ADDR", "127.0.0.1:25")...)
	visitor := client(t, site, "")
	var metrics string
	// Jobs show once one was done: the first is done when the process starts.
	for deadline := time.Now().Add(patience); !strings.Contains(metrics, "veche_job_seconds"); {
		if time.Now().After(deadline) {
			t.Fatal("no job was measured")
		}
		_, metrics, _ = send(t, visitor, http.MethodGet, site.URL+"/metrics", nil, nil)
	}
	if diff := cmp.Diff(names(measuredName, metrics), names(documentedName, string(manual))); diff != "" {
		t.Errorf("(-measured +in the manual)\n%s", diff)
	}
	if want := `veche_http_request_seconds_count{method="GET",route="/metrics",status="2xx"}`; !strings.Contains(metrics, want) {
		t.Errorf("the metrics lack %s", want)
	}
}
