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
	ChangeLook Action = "accounts.change_look" // language and appearance

	ReadProfile Action = "accounts.read_profile" // one's own
	GrantRoles  Action = "accounts.grant_roles"

	Prove          Action = "accounts.prove" // show a second proof in one's session
	StayAwake      Action = "accounts.stay_awake"
	ReadSecurity   Action = "accounts.read_security"
	ChangePassword Action = "accounts.change_password" // one's own
	ChangeSecurity Action = "accounts.change_security" // how one signs in and is alerted
	EndSessions    Action = "accounts.end_sessions"    // one's own, to be safe

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

var rules = map[Action]rule{
	Read:       {anyone: true},
	Connect:    {anyone: true},
	Operate:    {anyone: true},
	SignIn:     {anyone: true},
	SignOut:    {anyone: true},
	ChangeLook: {anyone: true},

	ReadProfile: {own: true, reads: true},
	GrantRoles:  {roles: []accounts.Role{accounts.RoleAdmin}},

	Prove:          {own: true, reads: true},
	StayAwake:      {own: true, reads: true, always: true},
	ReadSecurity:   {own: true, reads: true},
	ChangePassword: {own: true, always: true},
	ChangeSecurity: {own: true, fresh: true},
	EndSessions:    {own: true, reads: true, always: true},

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

	RequestRecovery: {anyone: true},
	HandleRecovery:  {roles: []accounts.Role{accounts.RoleSupport, accounts.RoleAdmin}, fresh: true},
	BlockAccount:    {roles: []accounts.Role{accounts.RoleAdmin}, fresh: true},

	ReadAudit: {roles: []accounts.Role{accounts.RoleAdmin}, reads: true},
}
