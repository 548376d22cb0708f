package ui_test

import (
	"strings"
	"testing"

	"veche/domain/accounts"
	"veche/views/ui"
)

func TestNewPasswordListsItsRulesWithoutScript(t *testing.T) {
	t.Parallel()
	field := draw(t, ru(), ui.NewPassword(ui.FieldProps{Label: "Новый пароль", Error: "Добавьте цифру.", Value: "Demo-2026!"}))
	for _, rule := range accounts.TypedRules {
		if text := strings.TrimSpace(field.Find(`[data-rule="` + string(rule) + `"]`).Text()); text == "" {
			t.Errorf("%s is not listed", rule)
		}
	}
	input := field.Find("#field-" + accounts.NewPasswordField)
	if attr(t, input, "type") != "password" || attr(t, input, "autocomplete") != "new-password" || attr(t, input, "maxlength") != "(none)" {
		t.Errorf("the field is %v", input.Nodes[0].Attr)
	}
	for _, id := range strings.Fields(attr(t, input, "aria-describedby")) {
		if field.Find("#"+id).Length() != 1 {
			t.Errorf("the field is described by %s, which is not there", id)
		}
	}
	if field.Find("button[type=button][hidden]").Length() != 1 {
		t.Error("a button that needs a script is seen without one")
	}
	if html, _ := field.Html(); strings.Contains(html, "Demo-2026!") {
		t.Error("the password stands in the page")
	}
}

func TestCodeFieldTakesACodeFromAMessage(t *testing.T) {
	t.Parallel()
	field := draw(t, ru(), ui.CodeField(ui.FieldProps{Name: "code", Label: "Код", Value: "123456"})).Find("#field-code")
	for name, want := range map[string]string{
		"type": "text", "autocomplete": "one-time-code", "inputmode": "numeric", "value": "(none)",
		"maxlength": "16", // a code with the spaces of its message
	} {
		if got := attr(t, field, name); got != want {
			t.Errorf("%s is %q, not %q", name, got, want)
		}
	}
}
