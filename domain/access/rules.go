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

	ChangeSecurity Action = "accounts.change_security" // one's own: what proves who one is

	ReadPolls Action = "polls.read"
	CastVote  Action = "polls.cast"

	ReadPublics Action = "publics.read"
	Comment     Action = "publics.comment"
	React       Action = "publics.react"

	Moderate Action = "moderation.moderate" // see the queue, take, decide, undo

	ReadStatistics Action = "statistics.read" // of the publics one edits

	ReadNotifications   Action = "notifications.read"   // one's own
	ChangeNotifications Action = "notifications.change" // one's own: read marks and channels

	ReadAudit Action = "audit.read"
)

type rule struct {
	anyone    bool            // guests too
	own       bool            // only what is one's own
	confirmed bool            // identity «Подтвержденная»
	roles     []accounts.Role // one of them
}

var rules = map[Action]rule{
	Read:       {anyone: true},
	Connect:    {anyone: true},
	Operate:    {anyone: true},
	SignIn:     {anyone: true},
	SignOut:    {anyone: true},
	ChangeLook: {anyone: true},

	ReadProfile: {own: true},
	GrantRoles:  {roles: []accounts.Role{accounts.RoleAdmin}},

	ChangeSecurity: {own: true},

	ReadPolls: {anyone: true},
	CastVote:  {confirmed: true},

	ReadPublics: {anyone: true},
	Comment:     {confirmed: true},
	React:       {confirmed: true},

	Moderate: {roles: []accounts.Role{accounts.RoleModerator}},

	ReadStatistics: {roles: []accounts.Role{accounts.RoleEditor}},

	ReadNotifications:   {own: true},
	ChangeNotifications: {own: true},

	ReadAudit: {roles: []accounts.Role{accounts.RoleAdmin}},
}
