// Package accounts serves signing in and out, and a person's own profile.
package accounts

import (
	"context"

	"github.com/gofiber/fiber/v2"

	accountsdb "veche/db/accounts"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/proofs"
	"veche/handlers"
	"veche/static"
	"veche/views/layout"
)

// Proofs asks people for second proofs.
type Proofs interface {
	Ask(ctx context.Context, who proofs.Who, wanted proofs.Method) (proofs.Question, error)
	Resend(ctx context.Context, who proofs.Who, code string) error
}

// Handler serves accounts.
type Handler struct {
	store     *accountsdb.Store
	proofs    Proofs
	policy    accounts.PasswordPolicy
	passkeys  Passkeys // nil where nobody signs in by them
	elsewhere []Way
	leaving   func(c *handlers.Ctx) (string, error) // nil, or where those go who sign out
}

// New makes the handler.
func New(store *accountsdb.Store, proofs Proofs) *Handler {
	return &Handler{store: store, proofs: proofs, policy: accounts.NewPasswordPolicy(static.LeakedPassword)}
}

const (
	signInPath  = "/sign-in"
	secondPath  = "/sign-in/code"
	signOutPath = "/sign-out"
	provePath   = "/proof"
)

// Routes is the area's table of routes.
func (h *Handler) Routes() []handlers.Route {
	return append(append(h.ownRoutes(), h.passkeyRoutes()...), []handlers.Route{
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
	}...)
}

// noLink is the sample of a link that leads nowhere: those in letters are secret.
const noLink = "/confirm/email/none"

// ownRoutes are those of a person's own account, from registration on.
func (h *Handler) ownRoutes() []handlers.Route {
	return []handlers.Route{
		{Method: fiber.MethodGet, Path: "/register", Action: access.Register, Handle: h.registerPage},
		{Method: fiber.MethodPost, Path: "/register", Action: access.Register, Handle: h.register},
		{Method: fiber.MethodGet, Path: "/register/code", Action: access.Register, Handle: h.registerCodePage},
		{Method: fiber.MethodPost, Path: "/register/code", Action: access.Register, Handle: h.registerCode},
		{Method: fiber.MethodGet, Path: "/register/password", Action: access.Register, Handle: h.registerPasswordPage},
		{Method: fiber.MethodPost, Path: "/register/password", Action: access.Register, Handle: h.registerPassword},
		{Method: fiber.MethodGet, Path: "/register/questions", Action: access.ReadProfile, Handle: h.registerQuestions},
		{Method: fiber.MethodGet, Path: "/register/done", Action: access.ReadProfile, Handle: h.registerDone},

		{Method: fiber.MethodGet, Path: "/confirm", Action: access.ConfirmAccount, Handle: h.confirmPage},
		{Method: fiber.MethodPost, Path: "/confirm", Action: access.ConfirmAccount, Handle: h.confirm},
		{Method: fiber.MethodGet, Path: "/confirm/done", Action: access.ReadProfile, Handle: h.confirmDone},
		{Method: fiber.MethodPost, Path: layout.EmailLinkPath, Action: access.ConfirmAccount, Handle: h.sendLink},
		{Method: fiber.MethodGet, Path: "/confirm/email/:token", Action: access.FollowLink, Handle: h.linkPage, Sample: noLink, Personal: true},
		{Method: fiber.MethodPost, Path: "/confirm/email/:token", Action: access.FollowLink, Handle: h.followLink, Sample: noLink, Personal: true},

		{Method: fiber.MethodGet, Path: "/sign-in/phone", Action: access.SignIn, Handle: h.phonePage},
		{Method: fiber.MethodPost, Path: "/sign-in/phone", Action: access.SignIn, Handle: h.phone},
		{Method: fiber.MethodGet, Path: "/sign-in/phone/code", Action: access.SignIn, Handle: h.phoneCodePage},
		{Method: fiber.MethodPost, Path: "/sign-in/phone/code", Action: access.SignIn, Handle: h.phoneCode},

		{Method: fiber.MethodGet, Path: "/settings/contacts", Action: access.ReadProfile, Handle: h.contactsPage},
		{Method: fiber.MethodPost, Path: "/settings/contacts", Action: access.ChangeContacts, Handle: h.contacts},
		{Method: fiber.MethodGet, Path: "/settings/contacts/code", Action: access.ReadProfile, Handle: h.contactCodePage},
		{Method: fiber.MethodPost, Path: "/settings/contacts/code", Action: access.ChangeContacts, Handle: h.contactCode},
		{Method: fiber.MethodGet, Path: handlers.ChangePasswordPath, Action: access.ChangePassword, Handle: h.passwordPage},
		{Method: fiber.MethodPost, Path: handlers.ChangePasswordPath, Action: access.ChangePassword, Handle: h.password},
		{Method: fiber.MethodGet, Path: "/settings/sign-in", Action: access.ReadSecurity, Handle: h.waysPage},
		{Method: fiber.MethodPost, Path: "/settings/sign-in", Action: access.ChangeSecurity, Handle: h.ways},
	}
}
