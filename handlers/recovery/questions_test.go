package recovery_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	recoverydb "veche/db/recovery"
	"veche/domain/access"
)

const page = "/settings/security/questions"

var typed = []string{"Жучка", "Мария Ивановна", "в Ялту"}

func form() url.Values {
	return url.Values{
		"question_1": {"first_pet"}, "question_1_answer": {typed[0]},
		"question_2": {"first_teacher"}, "question_2_answer": {typed[1]},
		"question_3": {"first_trip"}, "question_3_answer": {typed[2]},
	}
}

func (p *portal) right(t *testing.T, who access.Actor) int {
	t.Helper()
	right, err := p.store.Check(t.Context(), recoverydb.Subject{Account: who.Account}, typed)
	if err != nil {
		t.Fatal(err)
	}
	return right
}

func TestQuestionsAreSetChangedAndRemoved(t *testing.T) {
	t.Parallel()
	p := site(t)
	person, actor := p.Person()
	fresh := person.Get(page)
	if fresh.Status != http.StatusOK || fresh.Find("main select").Length() != 3 || fresh.Find("main select").First().Find("option").Length() != 13 {
		t.Fatalf("%d with %d lists", fresh.Status, fresh.Find("main select").Length())
	}
	if answer := person.Post(page, form()); answer.Status != http.StatusSeeOther || answer.Header.Get("Location") != page+"?saved=1" {
		t.Fatalf("%d to %s", answer.Status, answer.Header.Get("Location"))
	}
	if got := p.right(t, actor); got != 3 {
		t.Errorf("%d answers are right", got)
	}
	saved := person.Get(page + "?saved=1")
	text := saved.Find("main").Text()
	for _, want := range []string{"Контрольные вопросы заданы", "Контрольные вопросы сохранены", "Как звали вашего первого питомца?"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if saved.Find("main select").Length() != 0 || saved.Find("main time[datetime]").Length() != 1 {
		t.Error("the form is shown again, or the date is not")
	}
	for _, answer := range typed {
		if strings.Contains(saved.Body, answer) {
			t.Errorf("the page shows the answer %q", answer)
		}
	}
	change := person.Get(page + "?change=1")
	if change.Find("main select").Length() != 3 || change.Find(`main form[action$="/remove"]`).Length() != 0 {
		t.Error("the questions cannot be changed")
	}
	if answer := person.Post(page+"/remove", url.Values{}); answer.Status != http.StatusSeeOther {
		t.Errorf("removing: %d", answer.Status)
	}
	if got := p.right(t, actor); got != 0 {
		t.Errorf("%d answers are right after the removal", got)
	}
	if removed := person.Get(page + "?removed=1"); !strings.Contains(removed.Find("main").Text(), "Контрольных вопросов больше нет") {
		t.Error("the removal is not told of")
	}
	// What did not happen is not told of either, whatever the address says.
	if lie := person.Get(page + "?saved=1"); strings.Contains(lie.Find("main").Text(), "сохранены") {
		t.Error("the page tells of what did not happen")
	}
}

func TestWhatIsWrongStandsAtItsField(t *testing.T) {
	t.Parallel()
	p := site(t)
	person, actor := p.Person()
	person.Get(page)
	wrong := form()
	wrong.Set("question_2", "first_pet")
	wrong.Set("question_3_answer", "я")
	answer := person.Post(page, wrong)
	if answer.Status != http.StatusUnprocessableEntity {
		t.Fatalf("%d", answer.Status)
	}
	for _, field := range []string{"question_2", "question_3_answer"} {
		control := answer.Find("#field-" + field)
		about := control.AttrOr("aria-describedby", "none")
		if control.AttrOr("aria-invalid", "") != "true" || answer.Find("#"+about).Length() != 1 {
			t.Errorf("%s is not marked", field)
		}
		if answer.Find(`.error-summary a[href="#field-`+field+`"]`).Length() != 1 {
			t.Errorf("the summary does not lead to %s", field)
		}
	}
	if got := answer.Find("#field-question_1_answer").AttrOr("value", ""); got != typed[0] {
		t.Errorf("what was typed is gone: %q", got)
	}
	if got := answer.Find("#field-question_1 option[selected]").AttrOr("value", ""); got != "first_pet" {
		t.Errorf("what was chosen is gone: %q", got)
	}
	if got := p.right(t, actor); got != 0 {
		t.Errorf("a wrong form was kept: %d answers are right", got)
	}
}

func TestQuestionsAreOnesOwn(t *testing.T) {
	t.Parallel()
	p := site(t)
	anna, annas := p.Person()
	boris, _ := p.Person()
	anna.Get(page)
	anna.Post(page, form())
	boris.Get(page)
	boris.Post(page+"/remove", url.Values{"account": {annas.Public}})
	if got := p.right(t, annas); got != 3 {
		t.Errorf("somebody else's form left %d right answers", got)
	}
	guest := p.Guest()
	guest.Get("/sign-in")
	for _, path := range []string{page, page + "/remove"} {
		if answer := guest.Post(path, form()); answer.Status != http.StatusUnauthorized && answer.Status != http.StatusSeeOther {
			t.Errorf("a guest at %s: %d", path, answer.Status)
		}
	}
	forged := form()
	forged.Set("csrf", "forged")
	forged.Set("question_1_answer", "Мурка")
	if answer := anna.Post(page, forged); answer.Status != http.StatusForbidden {
		t.Errorf("a forged form: %d", answer.Status)
	}
	if got := p.right(t, annas); got != 3 {
		t.Errorf("after the forged form %d answers are right", got)
	}
}
