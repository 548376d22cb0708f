package main

import (
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
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

// What an operator reads about metrics is what there is.
func TestEveryMetricStandsInTheManual(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	site := start(t, append(withTexts("http://127.0.0.1:1/"), "VECHE_SMTP_ADDR", "127.0.0.1:25")...)
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
