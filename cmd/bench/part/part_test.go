package part_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"veche/cmd/bench/part"
)

// TestMain is also the part that the tests start.
func TestMain(m *testing.M) {
	name, args, asked := part.Asked(os.Args[1:])
	if !asked {
		os.Exit(m.Run())
	}
	var hoard []byte
	err := part.Serve(os.Stdin, os.Stdout, map[string]part.Handler{
		"names":  part.Handle(func(struct{}) ([]string, error) { return append([]string{name}, args...), nil }),
		"double": part.Handle(func(n int) (int, error) { return 2 * n, nil }),
		"refuse": part.Handle(func(struct{}) (struct{}, error) { return struct{}{}, errors.New("not today") }),
		"die":    part.Handle(func(struct{}) (struct{}, error) { os.Exit(3); return struct{}{}, nil }),
		"burn": part.Handle(func(how time.Duration) (struct{}, error) {
			for began := time.Now(); time.Since(began) < how; {
			}
			return struct{}{}, nil
		}),
		"hoard": part.Handle(func(bytes int) (int, error) {
			hoard = make([]byte, bytes)
			for i := 0; i < len(hoard); i += 4096 {
				hoard[i] = 1
			}
			return len(hoard), nil
		}),
		"drop": part.Handle(func(struct{}) (struct{}, error) { hoard = nil; return struct{}{}, nil }),
	})
	if err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

func start(t *testing.T, ctx context.Context) *part.Part {
	t.Helper()
	p, err := part.Start(ctx, "helper", "one", "two words")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return p
}

func TestPartAnswersCalls(t *testing.T) {
	t.Parallel()
	p := start(t, t.Context())
	var names []string
	if err := p.Call("names", nil, &names); err != nil || strings.Join(names, "|") != "helper|one|two words" {
		t.Errorf("names are %q, %v", names, err)
	}
	for i := range 3 {
		var twice int
		if err := p.Call("double", i, &twice); err != nil || twice != 2*i {
			t.Errorf("twice %d is %d, %v", i, twice, err)
		}
	}
}

func TestErrorsOfAPartNameIt(t *testing.T) {
	t.Parallel()
	p := start(t, t.Context())
	for do, want := range map[string]string{
		"refuse": "helper, refuse: not today",
		"sing":   "helper, sing: nothing here does sing",
	} {
		if err := p.Call(do, nil, nil); err == nil || err.Error() != want {
			t.Errorf("error of %s is %v", do, err)
		}
	}
	if err := p.Call("double", "two", nil); err == nil {
		t.Error("twice a word was answered")
	}
	var twice int
	if err := p.Call("double", 4, &twice); err != nil || twice != 8 {
		t.Errorf("after the errors twice 4 is %d, %v", twice, err)
	}
}

func TestDeadPartIsAnError(t *testing.T) {
	t.Parallel()
	p := start(t, t.Context())
	for range 2 {
		if err := p.Call("die", nil, nil); err == nil {
			t.Fatal("a dead part answered")
		}
	}
}

func TestPartEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	p := start(t, ctx)
	answered := make(chan error, 1)
	go func() { answered <- p.Call("burn", time.Hour, nil) }()
	cancel()
	select {
	case err := <-answered:
		if err == nil {
			t.Error("an hour went by")
		}
	case <-time.After(20 * time.Second):
		t.Error("the part lives on")
	}
}

func TestUsageTellsTimeAndMemory(t *testing.T) {
	t.Parallel()
	p := start(t, t.Context())
	before, err := p.Free()
	if err != nil {
		t.Fatal(err)
	}
	const burn, hoard = 200 * time.Millisecond, 64 << 20
	if err := p.Call("burn", burn, nil); err != nil {
		t.Fatal(err)
	}
	if err := p.Call("hoard", hoard, nil); err != nil {
		t.Fatal(err)
	}
	after, err := p.Usage()
	if err != nil {
		t.Fatal(err)
	}
	// A machine that others use gives the part less than the whole time.
	if used := after.CPU - before.CPU; used < burn/20 {
		t.Errorf("%s of work used %s", burn, used)
	}
	if grown := after.Resident - before.Resident; grown < hoard*9/10 {
		t.Errorf("%d bytes kept grew it by %d", hoard, grown)
	}
	if err := p.Call("drop", nil, nil); err != nil {
		t.Fatal(err)
	}
	freed, err := p.Free()
	if err != nil {
		t.Fatal(err)
	}
	if freed.Resident > after.Resident-hoard*9/10 || freed.Peak >= after.Peak {
		t.Errorf("after freeing %+v, before %+v", freed, after)
	}
}

func TestTooFewFilesAreSaidClearly(t *testing.T) {
	t.Parallel()
	if err := part.RoomForFiles(1); err != nil {
		t.Error(err)
	}
	if err := part.RoomForFiles(1 << 40); err == nil || !strings.Contains(err.Error(), "ulimit -Hn 1099511627776") {
		t.Errorf("error is %v", err)
	}
}
