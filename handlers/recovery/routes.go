// Package recovery serves what people get their accounts back with, and the support desk
// where those turn to whom the portal cannot help by itself.
package recovery

import (
	"context"

	"github.com/gofiber/fiber/v2"

	recoverydb "veche/db/recovery"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/handlers"
	view "veche/views/recovery"
)

// Blocker keeps people out of their accounts.
type Blocker interface {
	Block(ctx context.Context, actor access.Actor, login accounts.Login, reason string) error
	Unblock(ctx context.Context, actor access.Actor, login accounts.Login, reason string) error
}

// Handler serves recovery.
type Handler struct {
	store   *recoverydb.Store
	policy  accounts.PasswordPolicy
	blocker Blocker
}

// New makes the handler.
func New(store *recoverydb.Store, policy accounts.PasswordPolicy, blocker Blocker) *Handler {
	return &Handler{store: store, policy: policy, blocker: blocker}
}

// Routes is the area's table of routes.
func (h *Handler) Routes() []handlers.Route {
	const get, post, item = fiber.MethodGet, fiber.MethodPost, view.DeskPath + "/:id"
	const sample = view.DeskPath + "/1"
	return []handlers.Route{
		{Method: get, Path: view.QuestionsPath, Action: access.ChangeSecurity, Handle: h.questions},
		{Method: post, Path: view.QuestionsPath, Action: access.ChangeSecurity, Handle: h.setQuestions},
		{Method: post, Path: view.QuestionsPath + "/remove", Action: access.ChangeSecurity, Handle: h.removeQuestions},

		{Method: get, Path: view.RecoveryPath, Action: access.RequestRecovery, Handle: h.beginRecovery},
		{Method: post, Path: view.RecoveryPath, Action: access.RequestRecovery, Handle: h.recover},
		{Method: get, Path: view.UnlockPath, Action: access.RequestRecovery, Handle: h.beginUnlock},
		{Method: post, Path: view.UnlockPath, Action: access.RequestRecovery, Handle: h.unlock},
		{Method: get, Path: view.StepPath, Action: access.RequestRecovery, Handle: h.step},
		{Method: post, Path: view.StepPath, Action: access.RequestRecovery, Handle: h.takeStep},
		{Method: get, Path: view.PaperPath, Action: access.RequestRecovery, Handle: h.toStep},
		{Method: post, Path: view.PaperPath, Action: access.RequestRecovery, Handle: h.showPaper, File: true},
		{Method: get, Path: view.RequestPath, Action: access.RequestRecovery, Handle: h.requestForm},
		{Method: post, Path: view.RequestPath, Action: access.RequestRecovery, Handle: h.request},

		{Method: get, Path: view.DeskPath, Action: access.HandleRecovery, Handle: h.desk},
		{Method: get, Path: item, Action: access.HandleRecovery, Handle: h.sheet, Sample: sample, Personal: true},
		{Method: post, Path: item + "/questions", Action: access.HandleRecovery, Handle: h.askQuestions, Sample: sample + "/questions", Personal: true},
		{Method: post, Path: item + "/second", Action: access.HandleRecovery, Handle: h.second, Sample: sample + "/second", Personal: true},
		{Method: post, Path: item + "/refuse", Action: access.HandleRecovery, Handle: h.refuse, Sample: sample + "/refuse", Personal: true},
		{Method: post, Path: item + "/issue", Action: access.HandleRecovery, Handle: h.issue, Sample: sample + "/issue", Personal: true},
		{Method: post, Path: item + "/lift", Action: access.HandleRecovery, Handle: h.lift, Sample: sample + "/lift", Personal: true},
		{Method: get, Path: item + "/copies/:copy", Action: access.HandleRecovery, Handle: h.copy, Sample: sample + "/copies/none", Personal: true},
		{Method: get, Path: view.BlockPath, Action: access.BlockAccount, Handle: h.blockForm},
		{Method: post, Path: view.BlockPath, Action: access.BlockAccount, Handle: h.block},
	}
}
