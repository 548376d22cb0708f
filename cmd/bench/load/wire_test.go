package load_test

import (
	"bytes"
	"testing"
	"time"

	"veche/cmd/bench/load"
)

// serverFrame frames a text of a server.
func serverFrame(payload []byte) []byte {
	switch n := len(payload); {
	case n < 126:
		return append([]byte{0x81, byte(n)}, payload...)
	case n <= 0xffff:
		return append([]byte{0x81, 126, byte(n >> 8), byte(n)}, payload...)
	default:
		return append([]byte{0x81, 127, 0, 0, 0, 0, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}, payload...)
	}
}

func TestFrameIsReadOnceItIsWhole(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 125, 126, 600, 0xffff, 0x10000} {
		payload := bytes.Repeat([]byte("x"), size)
		data := append(serverFrame(payload), "next"...)
		whole := len(data) - len("next")
		for _, cut := range []int{0, 1, 2, 3, 9, whole - 1} {
			if cut >= whole {
				continue
			}
			if _, _, rest, ok, err := load.Frame(data[:cut]); ok || err != nil || len(rest) != cut {
				t.Errorf("%d bytes, cut to %d: whole %v, error %v", size, cut, ok, err)
			}
		}
		opcode, got, rest, ok, err := load.Frame(data)
		if err != nil || !ok || opcode != 1 || !bytes.Equal(got, payload) || string(rest) != "next" {
			t.Errorf("%d bytes: opcode %d, %d bytes, rest %q, whole %v, error %v", size, opcode, len(got), rest, ok, err)
		}
	}
}

func TestFrameThatNoServerMaySendIsRefused(t *testing.T) {
	t.Parallel()
	for name, data := range map[string][]byte{
		"a fragment":     {0x01, 0},
		"masked":         {0x81, 0x80},
		"reserved bit":   {0xc1, 0},
		"longer than us": {0x81, 127, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
	} {
		if _, _, _, _, err := load.Frame(data); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestClientFrameIsMaskedByAKeyOfItsOwn(t *testing.T) {
	t.Parallel()
	payload := bytes.Repeat([]byte("join"), 50)
	keys := map[string]bool{}
	for range 20 {
		framed := load.ClientFrame(payload)
		if framed[0] != 0x81 || framed[1] != 0x80|126 {
			t.Fatalf("frame begins with %x", framed[:2])
		}
		key, masked := framed[4:8], framed[8:]
		for i := range masked {
			masked[i] ^= key[i%4]
		}
		if !bytes.Equal(masked, payload) {
			t.Fatal("unmasked payload is another")
		}
		keys[string(key)] = true
	}
	if len(keys) < 2 {
		t.Error("all frames have one key")
	}
}

func TestQuantileIsWithinOnePercent(t *testing.T) {
	t.Parallel()
	var delays []time.Duration
	for ms := 1; ms <= 1000; ms++ {
		delays = append(delays, time.Duration(ms)*time.Millisecond)
	}
	for q, want := range map[float64]time.Duration{0: time.Millisecond, 0.5: 501 * time.Millisecond, 0.99: 991 * time.Millisecond} {
		got := load.Quantile(delays, q)
		if off := want - got; off < 0 || off > want/100 {
			t.Errorf("quantile %g is %s, want %s", q, got, want)
		}
	}
	if got := load.Quantile(nil, 0.5); got != 0 {
		t.Errorf("quantile of nothing is %s", got)
	}
	if got := load.Quantile([]time.Duration{-time.Second}, 0.5); got != 0 {
		t.Errorf("a clock that went back is counted as %s", got)
	}
}

func FuzzFrame(f *testing.F) {
	f.Add(serverFrame([]byte("text")))
	f.Add([]byte{0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		_, payload, rest, whole, err := load.Frame(data)
		if err == nil && whole && len(payload)+len(rest) > len(data)-2 {
			t.Errorf("%d bytes became %d and %d", len(data), len(payload), len(rest))
		}
	})
}
