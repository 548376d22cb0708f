package together_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"veche/internal/together"
)

type heard struct {
	value int
	known bool
	err   error
}

func ask(ctx context.Context, of *together.Rounds[string, int], key string) <-chan heard {
	answer := make(chan heard, 1)
	go func() {
		value, known, err := of.Ask(ctx, key)
		answer <- heard{value, known, err}
	}()
	return answer
}

// Those who come while a question is under way share the next one, which begins
// after they came; nobody is answered from before they asked.
func TestWhoAsksMeanwhileSharesTheNextRound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked [][]string
		var now atomic.Int64
		rounds := together.New(time.Minute, func(_ context.Context, keys []string) (map[string]int, error) {
			asked = append(asked, keys)
			found := map[string]int{}
			for _, key := range keys {
				if key != "nobody" {
					found[key] = int(now.Load())
				}
			}
			time.Sleep(time.Millisecond)
			return found, nil
		})
		first := ask(t.Context(), rounds, "anna")
		synctest.Wait()
		now.Store(1)
		var others []<-chan heard
		for _, key := range []string{"anna", "boris", "anna", "nobody"} {
			others = append(others, ask(t.Context(), rounds, key))
			synctest.Wait()
		}
		if got := <-first; got != (heard{0, true, nil}) {
			t.Errorf("the first heard %+v", got)
		}
		for i, want := range []heard{{1, true, nil}, {1, true, nil}, {1, true, nil}, {0, false, nil}} {
			if got := <-others[i]; got != want {
				t.Errorf("number %d heard %+v, want %+v", i, got, want)
			}
		}
		if len(asked) != 2 || !slices.Equal(asked[1], []string{"anna", "boris", "nobody"}) {
			t.Errorf("asked %v", asked)
		}
	})
}

func TestHangingRoundHoldsNobodyElseUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rounds := together.New(time.Minute, func(ctx context.Context, keys []string) (map[string]int, error) {
			if keys[0] == "hangs" {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			return map[string]int{"anna": 7}, nil
		})
		began := time.Now()
		hanging := ask(t.Context(), rounds, "hangs")
		synctest.Wait()
		if got := <-ask(t.Context(), rounds, "anna"); got != (heard{7, true, nil}) {
			t.Errorf("heard %+v", got)
		}
		if waited := time.Since(began); waited > time.Second {
			t.Errorf("waited %s", waited)
		}
		for range 3 { // and who comes later does not wait at all
			came := time.Now()
			if got := <-ask(t.Context(), rounds, "anna"); got != (heard{7, true, nil}) || time.Since(came) != 0 {
				t.Errorf("heard %+v after %s", got, time.Since(came))
			}
		}
		if got := <-hanging; !errors.Is(got.err, context.DeadlineExceeded) || time.Since(began) != time.Minute {
			t.Errorf("who hung heard %+v after %s", got, time.Since(began))
		}
	})
}

// Who gives up leaves the others their answer, and an error is told to all of its
// round and to nobody after it.
func TestGivingUpAndFailingConcernNobodyElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("away")
		var mended atomic.Bool
		rounds := together.New(time.Minute, func(ctx context.Context, keys []string) (map[string]int, error) {
			time.Sleep(time.Millisecond)
			if !mended.Load() {
				return nil, errors.Join(broken, ctx.Err())
			}
			return map[string]int{"anna": 7}, ctx.Err()
		})
		impatient, giveUp := context.WithCancel(t.Context())
		first, second := ask(impatient, rounds, "anna"), ask(t.Context(), rounds, "anna")
		synctest.Wait()
		giveUp()
		if got := <-first; !errors.Is(got.err, context.Canceled) {
			t.Errorf("who gave up heard %+v", got)
		}
		if got := <-second; !errors.Is(got.err, broken) {
			t.Errorf("who stayed heard %+v", got)
		}
		synctest.Wait()
		mended.Store(true)
		if got := <-ask(t.Context(), rounds, "anna"); got != (heard{7, true, nil}) {
			t.Errorf("the next heard %+v", got)
		}
	})
}

func TestPanicInARoundIsItsError(t *testing.T) {
	t.Parallel()
	rounds := together.New(time.Minute, func(_ context.Context, keys []string) (map[string]int, error) {
		if keys[0] == "odd" {
			panic("nobody expected this")
		}
		return map[string]int{keys[0]: 7}, nil
	})
	if got := <-ask(t.Context(), rounds, "odd"); got.err == nil || !strings.Contains(got.err.Error(), "nobody expected this") {
		t.Errorf("heard %+v", got)
	}
	if got := <-ask(t.Context(), rounds, "anna"); got != (heard{7, true, nil}) {
		t.Errorf("the next heard %+v", got)
	}
}

func TestRoundEndsInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rounds := together.New(time.Second, func(ctx context.Context, _ []string) (map[string]int, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})
		if got := <-ask(t.Context(), rounds, "anna"); !errors.Is(got.err, context.DeadlineExceeded) {
			t.Errorf("heard %+v", got)
		}
	})
}
