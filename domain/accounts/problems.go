package accounts

import "veche/domain/problem"

// Problems of signing in. An unknown login and a wrong password are one problem,
// so that nobody learns from the answer who has an account.
var (
	ErrWrongCredentials = problem.New(problem.Invalid, "accounts.problem.wrong_credentials")
	ErrBusy             = problem.New(problem.TooMany, "accounts.problem.busy")
	// ErrClosed says that a login was tried wrongly too often, whether or not anybody has it.
	ErrClosed = problem.New(problem.Invalid, "accounts.problem.closed")
)

// Problems that only those learn of who know the password.
var (
	ErrBlocked       = problem.New(problem.Forbidden, "accounts.problem.blocked")
	ErrSuspicious    = problem.New(problem.Forbidden, "accounts.problem.suspicious")
	ErrTemporaryOver = problem.New(problem.Forbidden, "accounts.problem.temporary_over")
	ErrNetwork       = problem.New(problem.Forbidden, "accounts.problem.network")
	// ErrTooLate says that a second proof is no longer waited for.
	ErrTooLate = problem.New(problem.Conflict, "accounts.problem.too_late")
)

// Problems of what was typed into the sign-in form.
var (
	ErrNoLogin      = problem.InField(LoginField, "accounts.problem.no_login")
	ErrUnclearLogin = problem.InField(LoginField, "accounts.problem.unclear_login")
	ErrNoPassword   = problem.InField(PasswordField, "accounts.problem.no_password")
	ErrLongPassword = problem.InField(PasswordField, "accounts.problem.long_password")
)

// Problems of registering and of confirming contacts. What tells of another account is
// told only to those who have just shown that they read its contact.
var (
	ErrNoDraft          = problem.New(problem.Conflict, "register.problem.no_draft")
	ErrUnconfirmedDraft = problem.New(problem.Conflict, "register.problem.unconfirmed_draft")
	ErrNoConsent        = problem.InField(ConsentField, "register.problem.no_consent")
	ErrHasAccount       = problem.New(problem.Conflict, "register.problem.has_account")
	ErrPhoneTaken       = problem.New(problem.Conflict, "register.problem.phone_taken")
	ErrEmailTaken       = problem.New(problem.Conflict, "register.problem.email_taken")
	ErrLink             = problem.New(problem.Conflict, "register.problem.link")
	ErrOthersLink       = problem.New(problem.Forbidden, "register.problem.others_link")
	ErrNoSNILS          = problem.InField(SNILSField, "register.problem.no_snils")
	ErrSNILSRefused     = problem.InField(SNILSField, "register.problem.snils_refused")
	ErrWrongCurrent     = problem.InField(PasswordField, "register.problem.wrong_current")
)

// Problems of choosing a password; *WeakPassword is the other one.
var ErrNoNewPassword = problem.InField(NewPasswordField, "accounts.problem.no_new_password")

// Problems of what was typed into the registration form.
var (
	ErrNoName       = problem.InField(NameField, "accounts.problem.no_name")
	ErrUnclearName  = problem.InField(NameField, "accounts.problem.unclear_name")
	ErrLongName     = problem.InField(NameField, "accounts.problem.long_name")
	ErrNoEmail      = problem.InField(EmailField, "accounts.problem.no_email")
	ErrUnclearEmail = problem.InField(EmailField, "accounts.problem.unclear_email")
	ErrNoPhone      = problem.InField(PhoneField, "accounts.problem.no_phone")
	ErrUnclearPhone = problem.InField(PhoneField, "accounts.problem.unclear_phone")
)

// Problems of granting roles.
var (
	ErrUnknownAccount = problem.New(problem.NotFound, "accounts.problem.unknown_account")
	ErrUnknownRole    = problem.New(problem.Invalid, "accounts.problem.unknown_role")
	ErrUnclearScope   = problem.New(problem.Invalid, "accounts.problem.unclear_scope")
	ErrGrantOver      = problem.New(problem.Invalid, "accounts.problem.grant_over")
)
