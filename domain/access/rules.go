package access

import "veche/domain/accounts"

// Action is something a person does, named by area and verb. The route table
// names the action of each route.
type Action string

// The actions of the portal, area by area.
const (
	Read       Action = "portal.read"    // pages open to everybody (ID-20)
	Connect    Action = "portal.connect" // the live socket
	Operate    Action = "portal.operate" // probes and metrics, guarded by the listener
	SignIn     Action = "accounts.sign_in"
	SignOut    Action = "accounts.sign_out"
	Register   Action = "accounts.register"
	FollowLink Action = "accounts.follow_link" // in a letter, by whoever reads it
	ChangeLook Action = "accounts.change_look" // language and appearance

	ReadProfile    Action = "accounts.read_profile"    // one's own
	ConfirmAccount Action = "accounts.confirm"         // «Подтверждение учётной записи» (ID-03)
	ChangeContacts Action = "accounts.change_contacts" // one's own phone and e-mail
	GrantRoles     Action = "accounts.grant_roles"

	Prove          Action = "accounts.prove" // show a second proof in one's session
	StayAwake      Action = "accounts.stay_awake"
	ReadSecurity   Action = "accounts.read_security"
	ChangePassword Action = "accounts.change_password" // one's own
	ChangeSecurity Action = "accounts.change_security" // how one signs in and is alerted
	EndSessions    Action = "accounts.end_sessions"    // one's own, to be safe
	HideActivity   Action = "accounts.hide_activity"   // old lines of one's own journal
	AnswerAlert    Action = "accounts.answer_alert"    // whoever has the token of the letter

	ReadDevices   Action = "devices.read"   // one's own
	ChangeDevices Action = "devices.change" // one's own: bind, limit
	UnbindDevice  Action = "devices.unbind" // one's own, to be safe
	BindDevice    Action = "devices.bind"   // whoever has the link and the code

	Report Action = "codes.report" // an operator's receipt, guarded by its signature

	ReadPolls Action = "polls.read"
	CastVote  Action = "polls.cast"

	ReadPublics Action = "publics.read"
	Comment     Action = "publics.comment"
	React       Action = "publics.react"

	Moderate Action = "moderation.moderate" // see the queue, take, decide, undo

	ReadStatistics Action = "statistics.read" // of the publics one edits

	ReadNotifications   Action = "notifications.read"   // one's own
	ChangeNotifications Action = "notifications.change" // one's own: read marks and channels

	ReadFactors   Action = "factors.read"   // one's own
	ChangeFactors Action = "factors.change" // one's own: what proves a person a second time

	ChangeIdentities Action = "identities.change" // one's own: who vouches for a person
	EndVouched       Action = "identities.end"    // a provider's word that somebody signed out there

	RequestRecovery Action = "recovery.request" // get one's own account back
	HandleRecovery  Action = "recovery.handle"  // at the support desk
	BlockAccount    Action = "accounts.block"

	ReadAudit Action = "audit.read"
)

type rule struct {
	anyone    bool            // guests too
	own       bool            // only what is one's own
	confirmed bool            // identity «Подтвержденная»
	roles     []accounts.Role // one of them
	fresh     bool            // a second proof a short while ago (SEC-06)
	reads     bool            // changes nothing: a device that may only look may do it (SEC-18)
	signs     bool            // a device that may sign may do it
	always    bool            // with a temporary password too
}

// needs is how far a device has to reach for an action.
func (r rule) needs() accounts.Reach {
	switch {
	case r.reads || r.anyone:
		return accounts.ReachView
	case r.signs:
		return accounts.ReachSign
	}
	return accounts.ReachFull
}

// unproved says whether a second proof is due first. A temporary password was given by
// somebody who checked the person: changing it asks for none.
func (r rule) unproved(actor Actor) bool {
	return r.fresh && !actor.Fresh && !(r.always && actor.MustChange)
}

var rules = map[Action]rule{
	Read:       {anyone: true},
	Connect:    {anyone: true},
	Operate:    {anyone: true},
	SignIn:     {anyone: true},
	SignOut:    {anyone: true},
	Register:   {anyone: true},
	FollowLink: {anyone: true},
	ChangeLook: {anyone: true},

	ReadProfile:    {own: true, reads: true},
	ConfirmAccount: {own: true},
	ChangeContacts: {own: true, fresh: true},
	GrantRoles:     {roles: []accounts.Role{accounts.RoleAdmin}},

	Prove:          {own: true, reads: true},
	StayAwake:      {own: true, reads: true, always: true},
	ReadSecurity:   {own: true, reads: true},
	ChangePassword: {own: true, fresh: true, always: true},
	ChangeSecurity: {own: true, fresh: true},
	EndSessions:    {own: true, reads: true, always: true},
	HideActivity:   {own: true},
	AnswerAlert:    {anyone: true},

	ReadDevices:   {own: true, reads: true},
	ChangeDevices: {own: true, fresh: true},
	UnbindDevice:  {own: true},
	BindDevice:    {anyone: true},

	Report: {anyone: true},

	ReadPolls: {anyone: true},
	CastVote:  {confirmed: true, fresh: true, signs: true},

	ReadPublics: {anyone: true},
	Comment:     {confirmed: true},
	React:       {confirmed: true},

	Moderate: {roles: []accounts.Role{accounts.RoleModerator}},

	ReadStatistics: {roles: []accounts.Role{accounts.RoleEditor}, reads: true},

	ReadNotifications:   {own: true, reads: true},
	ChangeNotifications: {own: true},

	ReadFactors:   {own: true, reads: true},
	ChangeFactors: {own: true, fresh: true},

	ChangeIdentities: {own: true, fresh: true},
	EndVouched:       {anyone: true},

	RequestRecovery: {anyone: true},
	HandleRecovery:  {roles: []accounts.Role{accounts.RoleSupport, accounts.RoleAdmin}, fresh: true},
	BlockAccount:    {roles: []accounts.Role{accounts.RoleAdmin}, fresh: true},

	ReadAudit: {roles: []accounts.Role{accounts.RoleAdmin}, reads: true},
}
