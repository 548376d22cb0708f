package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"veche/cmd/bench/part"
	"veche/cmd/bench/rounds"
)

// TestMain is also each of the parts that a bench under test starts.
func TestMain(m *testing.M) {
	if _, _, asked := part.Asked(os.Args[1:]); asked {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestBenchRunsThrough(t *testing.T) {
	t.Parallel()
	profile := filepath.Join(t.TempDir(), "cpu.pprof")
	var out strings.Builder
	if err := run(t.Context(), []string{"-quick", "-only", "fanout,saturation,reconnect", "-rounds", "1", "-sockets", "20,50", "-cpuprofile", profile}, &out); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	t.Log(out.String())
	for _, want := range []string{
		"== fanout", "\n20 sockets, a message of 600 bytes", "\n50 sockets, a message of 600 bytes",
		"== saturation", "50 sockets, 50 regions each",
		"== reconnect", "\n50 pages",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("output lacks %q", want)
		}
	}
	// In each of its tables a contender has a line of figures.
	for line, want := range map[string]int{
		`floor`:                  5,
		`hub`:                    5,
		`hub, Redis`:             4,
		`hub, one missed`:        1,
		`hub, Redis, one missed`: 1,
		`hub, interval 1 ms`:     1,
	} {
		if got := len(regexp.MustCompile(`(?m)^  `+line+` +[0-9]`).FindAllString(out.String(), -1)); got != want {
			t.Errorf("%q has %d lines, want %d", line, got, want)
		}
	}
	if info, err := os.Stat(profile); err != nil || info.Size() == 0 {
		t.Errorf("CPU profile was not written: %v", err)
	}
	if missed := figures(t, out.String(), "hub, one missed")["regions drawn"]; missed != "50" {
		t.Errorf("50 pages that missed one change each had %s regions drawn", missed)
	}
}

// figures are those of a contender's last line, by the head of the column. A ratio has
// the head of its floor.
func figures(t *testing.T, out, contender string) map[string]string {
	t.Helper()
	gap := regexp.MustCompile(` {3,}`)
	var heads []string
	found := map[string]string{}
	for line := range strings.Lines(out) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "     "):
			heads = gap.Split(strings.TrimSpace(line), -1)
		case strings.HasPrefix(line, "  "+contender+"   "):
			cells := gap.Split(strings.TrimSpace(line), -1)[1:]
			if len(cells) != len(heads) {
				t.Fatalf("%q does not fit %q", cells, heads)
			}
			for i, cell := range cells {
				found[heads[i]] = cell
			}
		}
	}
	return found
}

func TestPlan(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]struct {
		plan rounds.Plan
		only []string
	}{
		"":                           {plan: rounds.Plan{Rounds: 5, Sockets: []int{1000, 5000, 10000}}},
		"-quick":                     {plan: rounds.Plan{Rounds: 1, Sockets: []int{200}, Quick: true}},
		"-quick -rounds 3":           {plan: rounds.Plan{Rounds: 3, Sockets: []int{200}, Quick: true}},
		"-sockets 50,20":             {plan: rounds.Plan{Rounds: 5, Sockets: []int{20, 50}}},
		"-only fanout,reconnect":     {plan: rounds.Plan{Rounds: 5, Sockets: []int{1000, 5000, 10000}}, only: []string{"fanout", "reconnect"}},
		"-sockets 5 -cpuprofile cpu": {plan: rounds.Plan{Rounds: 5, Sockets: []int{5}, CPUProfile: "cpu"}},
	} {
		plan, only, err := readPlan(strings.Fields(line), io.Discard)
		if err != nil {
			t.Errorf("%q: %v", line, err)
			continue
		}
		if diff := cmp.Diff(want.plan, plan); diff != "" {
			t.Errorf("%q: %s", line, diff)
		}
		if diff := cmp.Diff(want.only, only); diff != "" {
			t.Errorf("%q: %s", line, diff)
		}
	}
}

func TestBadPlanIsRefused(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"-rounds -1", "-sockets 0", "-sockets many", "-sockets 5,,6", "-only fan", "fanout", "-nothing"} {
		if plan, _, err := readPlan(strings.Fields(line), io.Discard); err == nil {
			t.Errorf("%q was read as %+v", line, plan)
		}
	}
}
