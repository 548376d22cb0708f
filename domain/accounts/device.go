package accounts

import "strings"

// sign is a word by which a browser or a system is told in a User-Agent. The
// order matters: nearly every browser also claims to be those below it.
type sign struct{ word, name string }

var browsers = []sign{
	{"YaBrowser/", "Яндекс Браузер"},
	{"EdgA/", "Edge"}, {"EdgiOS/", "Edge"}, {"Edg/", "Edge"},
	{"OPR/", "Opera"},
	{"SamsungBrowser/", "Samsung Internet"},
	{"FxiOS/", "Firefox"}, {"Firefox/", "Firefox"},
	{"CriOS/", "Chrome"}, {"Chrome/", "Chrome"},
	{"Safari/", "Safari"},
}

var systems = []sign{
	{"iPhone", "iPhone"}, {"iPad", "iPad"},
	{"Android", "Android"},
	{"Windows", "Windows"},
	{"Mac OS X", "macOS"},
	{"CrOS", "ChromeOS"},
	{"Linux", "Linux"},
}

// Browser names the browser of the session, "" when it is not a known one. It is
// a help to memory, not a proof: any program may claim any name.
func (s Session) Browser() string { return named(s.Device, browsers) }

// System names the system of the session's device, "" when it is not a known one.
func (s Session) System() string { return named(s.Device, systems) }

func named(device string, signs []sign) string {
	for _, s := range signs {
		if strings.Contains(device, s.word) {
			return s.name
		}
	}
	return ""
}
