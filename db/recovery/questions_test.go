package recovery_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	recoverydb "veche/db/recovery"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/recovery"
)

func TestAnswersAreKnownHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()
	d := open(t)
	_, about := d.person()
	asked, err := d.store.Asked(t.Context(), about)
	if want := []recovery.Question{"first_pet", "first_teacher", "first_trip"}; err != nil || !slices.Equal(asked, want) {
		t.Fatalf("asked %q (%v)", asked, err)
	}
	for _, c := range []struct {
		typed []string
		want  int
	}{
		{right, 3},
		{[]string{" ЖУЧКА ", "мария  ивановна", "В Ялту!"}, 3},
		{[]string{"Жучка", "Мария", "в Ялту"}, 2},
		{[]string{"", "", ""}, 0},
		{[]string{"Мария Ивановна", "Жучка", "в Ялту"}, 1},
		{[]string{"Жучка", "Жучка", "Жучка"}, 1},
	} {
		if got, err := d.store.Check(t.Context(), about, c.typed); err != nil || got != c.want {
			t.Errorf("%q: %d right (%v)", c.typed, got, err)
		}
	}
}

func TestAnswersStandNowhere(t *testing.T) {
	t.Parallel()
	d := open(t)
	actor, about := d.person()
	for _, hash := range one[[]string](d, `SELECT array_agg(answer_hash) FROM control_questions`) {
		if !strings.HasPrefix(hash, "$argon2id$") {
			t.Errorf("kept as %q", hash)
		}
	}
	events := one[[]string](d, `SELECT array_agg(kind || session || facts::text) FROM account_events WHERE account_id = $1`, actor.Account)
	if want := []string{"questions_set" + actor.Session + "{}"}; !slices.Equal(events, want) {
		t.Errorf("the person reads %q", events)
	}
	if got := (<-d.said); got != (recovery.QuestionsSet{Account: actor.Public}) {
		t.Errorf("announced %#v", got)
	}
	// Who has the database and not the secret cannot try answers on it.
	if got, err := d.with("another secret that is long enough too").Check(t.Context(), about, right); err != nil || got != 0 {
		t.Errorf("under another secret %d are right (%v)", got, err)
	}
}

func TestQuestionsAreChangedAndRemovedByTheirOwner(t *testing.T) {
	t.Parallel()
	d := open(t)
	actor, about := d.person()
	chosen, err := d.store.Chosen(t.Context(), actor)
	if err != nil || len(chosen.Questions) != 3 || chosen.SetAt.IsZero() {
		t.Fatalf("%+v (%v)", chosen, err)
	}
	d.set(actor,
		recovery.Answer{Question: "summer_place", Text: recovery.Fold("Дача")},
		recovery.Answer{Question: "first_pet", Text: recovery.Fold("Мурка")},
		recovery.Answer{Question: "first_dish", Text: recovery.Fold("Омлет")},
	)
	if got, err := d.store.Check(t.Context(), about, right); err != nil || got != 0 {
		t.Errorf("%d of the former answers are right (%v)", got, err)
	}
	if got, err := d.store.Check(t.Context(), about, []string{"дача", "мурка", "омлет"}); err != nil || got != 3 {
		t.Errorf("%d of the new answers are right (%v)", got, err)
	}
	guest := access.Guest()
	if err := d.store.Set(t.Context(), guest, answers()); !errors.Is(err, access.ErrUnauthenticated) {
		t.Errorf("a guest sets questions: %v", err)
	}
	if err := d.store.Remove(t.Context(), guest); !errors.Is(err, access.ErrUnauthenticated) {
		t.Errorf("a guest removes questions: %v", err)
	}
	if _, err := d.store.Chosen(t.Context(), guest); !errors.Is(err, access.ErrUnauthenticated) {
		t.Errorf("a guest reads questions: %v", err)
	}
	if err := d.store.Set(t.Context(), actor, answers()[:2]); !errors.Is(err, recovery.ErrCheckForm) {
		t.Errorf("two questions: %v", err)
	}
	for range 2 {
		if err := d.store.Remove(t.Context(), actor); err != nil {
			t.Fatal(err)
		}
	}
	if has, err := d.store.HasQuestions(t.Context(), actor.Account); err != nil || has {
		t.Errorf("questions are left: %v (%v)", has, err)
	}
	if n := one[int](d, `SELECT count(*) FROM account_events WHERE kind = 'questions_removed'`); n != 1 {
		t.Errorf("the person reads of %d removals", n)
	}
}

// Nobody learns from the questions who has an account.
func TestStrangersAreAskedAsPeopleAre(t *testing.T) {
	t.Parallel()
	d := open(t)
	actor, about := d.person()
	nobody, other := about, about
	nobody.Account = 0
	other.Account, other.Login = 0, login("other@demo.test")
	first, err := d.store.Asked(t.Context(), nobody)
	if err != nil || len(first) != recovery.Needed || len(slices.Compact(slices.Sorted(slices.Values(first)))) != recovery.Needed {
		t.Fatalf("asked %q (%v)", first, err)
	}
	for _, q := range first {
		if !q.Offered() {
			t.Errorf("%q is asked and nobody could choose it", q)
		}
	}
	again, err := d.store.Asked(t.Context(), nobody)
	if err != nil || !slices.Equal(first, again) {
		t.Errorf("asked %q, then %q (%v)", first, again, err)
	}
	elsewhere, err := d.with("another secret that is long enough too").Asked(t.Context(), nobody)
	if err != nil || slices.Equal(first, elsewhere) {
		t.Errorf("anybody can work out what strangers are asked: %q (%v)", elsewhere, err)
	}
	if differently, err := d.store.Asked(t.Context(), other); err != nil || slices.Equal(first, differently) {
		t.Errorf("all strangers are asked the same: %q (%v)", differently, err)
	}
	// A person without questions is asked what a stranger with their login would be.
	if err := d.store.Remove(t.Context(), actor); err != nil {
		t.Fatal(err)
	}
	if without, err := d.store.Asked(t.Context(), about); err != nil || !slices.Equal(without, first) {
		t.Errorf("without questions asked %q (%v)", without, err)
	}
}

func TestCheckingIsTheSameWorkForEverybody(t *testing.T) {
	t.Parallel()
	d := open(t)
	_, about := d.person()
	nobody := recoveryOf("nobody@demo.test")
	for name, c := range map[string]struct {
		typed []string
		about recoverydb.Subject
	}{
		"all right":   {right, about},
		"first wrong": {[]string{"нет", "Мария Ивановна", "в Ялту"}, about},
		"all wrong":   {[]string{"нет", "нет", "нет"}, about},
		"nobody":      {right, nobody},
	} {
		seen := 0
		store := d.watched(func() error { seen++; return nil })
		got, err := store.Check(t.Context(), c.about, c.typed)
		if err != nil || seen != recovery.Needed {
			t.Errorf("%s: %d comparisons (%v)", name, seen, err)
		}
		if c.about == nobody && got != 0 {
			t.Errorf("nobody has %d right answers", got)
		}
	}
}

func TestFewRoundsADay(t *testing.T) {
	t.Parallel()
	d := open(t)
	_, about := d.person()
	nobody := recoveryOf("nobody@demo.test")
	wrong := []string{"нет", "Мария Ивановна", "в Ялту"}
	for _, subject := range []struct {
		name string
		is   recoverydb.Subject
	}{{"a person", about}, {"nobody", nobody}} {
		for round := range 5 {
			if _, err := d.store.Check(t.Context(), subject.is, wrong); err != nil {
				t.Fatalf("%s, round %d: %v", subject.name, round, err)
			}
		}
		if got, err := d.store.Check(t.Context(), subject.is, right); !errors.Is(err, recovery.ErrClosed) || got != 0 {
			t.Errorf("%s, one round too many: %d right (%v)", subject.name, got, err)
		}
	}
	byPhone := about
	byPhone.Login = login("other@demo.test")
	if _, err := d.store.Check(t.Context(), byPhone, right); !errors.Is(err, recovery.ErrClosed) {
		t.Errorf("by another login of the same person: %v", err)
	}
	d.exec(`UPDATE control_question_rounds SET since = since - interval '23 hours 59 minutes'`)
	if _, err := d.store.Check(t.Context(), about, right); !errors.Is(err, recovery.ErrClosed) {
		t.Errorf("before the day is over: %v", err)
	}
	d.exec(`UPDATE control_question_rounds SET since = since - interval '2 minutes'`)
	if got, err := d.store.Check(t.Context(), about, right); err != nil || got != 3 {
		t.Errorf("a day later: %d right (%v)", got, err)
	}
	if n := one[int](d, `SELECT count(*) FROM control_question_rounds`); n != 1 {
		t.Errorf("%d counts are left, want nobody's alone", n)
	}
}

// The count stands before the answers are looked at: a crowd of guesses gets no more
// tries than one after the other.
func TestRoundsAtOnceAreCountedToo(t *testing.T) {
	t.Parallel()
	d := open(t)
	_, about := d.person()
	var mu sync.Mutex
	tried, closed := 0, 0
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			_, err := d.store.Check(t.Context(), about, []string{"нет", "нет", "нет"})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				tried++
			case errors.Is(err, recovery.ErrClosed):
				closed++
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if tried != 5 || closed != 7 {
		t.Errorf("%d tried, %d were closed out", tried, closed)
	}
}

func TestRoundThePortalCouldNotGoThroughWithIsNone(t *testing.T) {
	t.Parallel()
	d := open(t)
	_, about := d.person()
	busy := d.watched(func() error { return accounts.ErrBusy })
	for range 7 {
		if _, err := busy.Check(t.Context(), about, right); !errors.Is(err, accounts.ErrBusy) {
			t.Fatal(err)
		}
	}
	if got, err := d.store.Check(t.Context(), about, right); err != nil || got != 3 {
		t.Errorf("%d right (%v)", got, err)
	}
}
