package factors

// The addresses of the area. What is set up by a form stands at an address of its
// own, to which a page that asks for a proof first can send the form again.
const (
	Root       = "/settings/security"
	MethodPath = Root + "/second-factor"
	TOTPPath   = Root + "/totp"
	KeysPath   = Root + "/passkeys"
	CodesPath  = Root + "/backup-codes"
)

// KeyPath is the address of one of the person's passkeys.
func KeyPath(publicID string) string { return KeysPath + "/" + publicID }

// Outcome is what was done before the page was shown; it stands in the address.
type Outcome string

// The outcomes that the page of security settings tells of.
const (
	Chosen      Outcome = "chosen"
	SwitchedOff Outcome = "off"
	NoApp       Outcome = "no-app"
	KeyAdded    Outcome = "key-added"
	KeyNamed    Outcome = "key-named"
	KeyRemoved  Outcome = "key-removed"
)

var outcomes = map[Outcome]string{
	Chosen:      "factors.done.chosen",
	SwitchedOff: "factors.done.off",
	NoApp:       "factors.done.no_app",
	KeyAdded:    "factors.done.key_added",
	KeyNamed:    "factors.done.key_named",
	KeyRemoved:  "factors.done.key_removed",
}

// After is the address of the page that tells of an outcome.
func After(o Outcome) string { return Root + "?done=" + string(o) }
