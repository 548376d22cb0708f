// Package accounts serves signing in and out, and a person's own profile.
package accounts

import (
	"context"

	"github.com/gofiber/fiber/v2"

	accountsdb "veche/db/accounts"
	"veche/domain/access"
	"veche/domain/proofs"
	"veche/handlers"
	"veche/views/layout"
)

// Proofs asks people for second proofs.
type Proofs interface {
	Ask(ctx context.Context, who proofs.Who, wanted proofs.Method) (proofs.Question, error)
	Resend(ctx context.Context, who proofs.Who, code string) error
}

// Handler serves accounts.
type Handler struct {
	store  *accountsdb.Store
	proofs Proofs
}

// New makes the handler.
func New(store *accountsdb.Store, proofs Proofs) *Handler {
	return &Handler{store: store, proofs: proofs}
}

const (
	signInPath  = "/sign-in"
	secondPath  = "/sign-in/code"
	signOutPath = "/sign-out"
	provePath   = "/proof"
)

// Routes is the area's table of routes.
func (h *Handler) Routes() []handlers.Route {
	return []handlers.Route{
		{Method: fiber.MethodGet, Path: signInPath, Action: access.SignIn, Handle: h.signInPage},
		{Method: fiber.MethodPost, Path: signInPath, Action: access.SignIn, Handle: h.signIn},
		{Method: fiber.MethodGet, Path: secondPath, Action: access.SignIn, Handle: h.secondPage},
		{Method: fiber.MethodPost, Path: secondPath, Action: access.SignIn, Handle: h.second},
		{Method: fiber.MethodPost, Path: provePath, Action: access.Prove, Handle: h.proveFirst},
		{Method: fiber.MethodPost, Path: layout.AwakePath, Action: access.StayAwake, Handle: h.awake},
		{Method: fiber.MethodPost, Path: signOutPath, Action: access.SignOut, Handle: h.signOut},
		{Method: fiber.MethodGet, Path: layout.SessionsPath, Action: access.ReadSecurity, Handle: h.sessionsPage},
		{Method: fiber.MethodPost, Path: layout.SessionsPath + "/others", Action: access.EndSessions, Handle: h.endOthers},
		{Method: fiber.MethodPost, Path: layout.SessionsPath + "/address", Action: access.ChangeSecurity, Handle: h.restrict},
		{Method: fiber.MethodPost, Path: layout.SessionsPath + "/:session/end", Action: access.EndSessions, Handle: h.endOne, Sample: layout.SessionsPath + "/sample/end", Personal: true},
		{Method: fiber.MethodGet, Path: layout.ActivityPath, Action: access.ReadSecurity, Handle: h.activityPage},
		{Method: fiber.MethodPost, Path: layout.ActivityPath + "/hide", Action: access.HideActivity, Handle: h.hideOld},
		{Method: fiber.MethodPost, Path: layout.ActivityPath + "/:line/hide", Action: access.HideActivity, Handle: h.hideLine, Sample: layout.ActivityPath + "/1/hide", Personal: true},
		{Method: fiber.MethodGet, Path: layout.AlertsPath, Action: access.ReadSecurity, Handle: h.alertsPage},
		{Method: fiber.MethodPost, Path: layout.AlertsPath, Action: access.ChangeSecurity, Handle: h.chooseAlerts},
		{Method: fiber.MethodGet, Path: layout.AlertsPath + "/:alert", Action: access.ReadSecurity, Handle: h.ownAlert, Sample: layout.AlertsPath + "/sample", Personal: true},
		{Method: fiber.MethodGet, Path: "/alerts/:token", Action: access.AnswerAlert, Handle: h.alertPage, Sample: "/alerts/sample", Personal: true},
		{Method: fiber.MethodPost, Path: "/alerts/:token", Action: access.AnswerAlert, Handle: h.answerAlert, Sample: "/alerts/sample", Personal: true},
		{Method: fiber.MethodGet, Path: "/profile", Action: access.ReadProfile, Handle: h.profile},
	}
}
