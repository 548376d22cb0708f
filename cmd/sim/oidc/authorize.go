package oidc

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// askView is the page on which a person says who they are.
type askView struct {
	Issuer  string
	Client  string // the host that is asking
	Action  string
	People  []Person
	Chosen  string // a person's key
	Methods []Method
	Method  string
	Levels  bool // the client asked for certain levels
	Known   *session
	Scopes  []string
	Wrong   bool // the form was sent without a person or a method
}

type refusedView struct {
	Issuer  string
	Refusal refusal
}

// askPerson answers an authorization request with the page, or at once where nobody is
// to be asked.
func (r *realm) askPerson(w http.ResponseWriter, req *http.Request) {
	asked, why := r.examine(query(req))
	if why != nil {
		r.sendRefusal(w, req, asked, *why)
		return
	}
	known, signedIn := r.visitor(req)
	if !slices.Contains(asked.prompt, "none") {
		r.showAsk(w, req, http.StatusOK, asked, false)
		return
	}
	hinted := r.hinted(asked.hint)
	if !signedIn || !asked.fits(known, r.now()) || hinted != "" && hinted != known.Person.Key {
		r.sendRefusal(w, req, asked, refusal{Code: "login_required", Detail: "nobody may be asked, and nobody suitable is signed in"})
		return
	}
	r.allow(w, req, asked, known)
}

// query are the parameters of the protocol; the language is the page's own.
func query(req *http.Request) url.Values {
	values := req.URL.Query()
	values.Del("lang")
	return values
}

// hearPerson takes what the person decided on the page.
func (r *realm) hearPerson(w http.ResponseWriter, req *http.Request) {
	asked, why := r.examine(query(req))
	if why != nil {
		r.sendRefusal(w, req, asked, *why)
		return
	}
	if !readForm(w, req) {
		return
	}
	known, signedIn := r.visitor(req)
	switch req.PostForm.Get("decision") {
	case "refuse":
		r.sendRefusal(w, req, asked, refusal{Code: "access_denied", Detail: "the person refused"})
		return
	case "continue":
		if signedIn && asked.fits(known, r.now()) {
			r.allow(w, req, asked, known)
			return
		}
	case "enter":
		person, someone := r.person(req.PostForm.Get("person"))
		method, able := r.method(req.PostForm.Get("method"))
		if someone && able && satisfies(method.Level, asked.levels) {
			r.allow(w, req, asked, r.admit(w, req, person, method, known))
			return
		}
	}
	r.showAsk(w, req, http.StatusUnprocessableEntity, asked, true)
}

// admit signs the person in at the provider. Whoever was signed in there before leaves.
func (r *realm) admit(w http.ResponseWriter, req *http.Request, person Person, method Method, before session) session {
	if before.SID != "" && before.Person.Key != person.Key {
		r.signOut(req.Context(), before.SID)
	}
	entered := r.store.enter(person, method, before, r.now())
	http.SetCookie(w, r.cookie(entered.secret, int(sessionLife.Seconds())))
	return entered
}

func (r *realm) cookie(value string, seconds int) *http.Cookie {
	return &http.Cookie{
		Name: "sim_oidc_" + r.Key, Value: value, Path: "/oidc/" + r.Key, MaxAge: seconds,
		HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}

// visitor is whoever is signed in at the provider in this browser.
func (r *realm) visitor(req *http.Request) (session, bool) {
	cookie, err := req.Cookie("sim_oidc_" + r.Key)
	if err != nil {
		return session{}, false
	}
	return r.store.signedIn(cookie.Value, r.now())
}

// allow sends the person back with a code.
func (r *realm) allow(w http.ResponseWriter, req *http.Request, asked request, by session) {
	code, lasting := r.store.allow(grant{
		client: asked.client.ID, redirect: asked.redirect, challenge: asked.challenge, nonce: asked.nonce,
		scopes: asked.scopes, sid: by.SID, person: by.Person, method: by.Method, since: by.Since,
	}, r.now())
	if !lasting {
		r.sendRefusal(w, req, asked, refusal{Code: "login_required", Detail: "the session has just ended"})
		return
	}
	r.sendBack(w, req, asked, url.Values{"code": {code}})
}

func (r *realm) showAsk(w http.ResponseWriter, req *http.Request, status int, asked request, wrong bool) {
	view := askView{
		Issuer: r.Key, Client: host(asked.redirect), Action: req.URL.RequestURI(), People: r.people,
		Methods: r.reach(asked.levels), Levels: len(asked.levels) > 0, Scopes: r.told(asked.scopes), Wrong: wrong,
		Chosen: r.hinted(asked.hint),
	}
	view.Method = view.Methods[0].Key
	if known, signedIn := r.visitor(req); signedIn {
		if asked.fits(known, r.now()) {
			view.Known = &known
		}
		if view.Chosen == "" {
			view.Chosen = known.Person.Key
		}
	}
	if sent := req.PostForm.Get("person"); sent != "" {
		view.Chosen = sent
	}
	mayLeadTo(w, asked.redirect)
	r.ask.Render(w, inLanguage(req), status, view)
}

// inLanguage has the page speak the language the client asks for, unless the reader
// chose one.
func inLanguage(req *http.Request) *http.Request {
	query := req.URL.Query()
	for _, lang := range strings.Fields(query.Get("ui_locales")) {
		if lang = strings.ToLower(lang); !query.Has("lang") && (lang == "ru" || lang == "en") {
			query.Set("lang", lang)
			req = req.Clone(req.Context())
			req.URL.RawQuery = query.Encode()
		}
	}
	return req
}

// told are the scopes that a person hears about, in the order of the catalogue.
func (r *realm) told(scopes []string) []string {
	var told []string
	for _, scope := range []string{"profile", "email", "phone", "address", "documents"} {
		if _, known := r.scopes[scope]; known && slices.Contains(scopes, scope) {
			told = append(told, scope)
		}
	}
	return told
}

func host(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return address
	}
	return parsed.Host
}

// mayLeadTo lets the page's form end at the client's address: browsers hold form-action
// against redirects as well.
func mayLeadTo(w http.ResponseWriter, address string) {
	target, err := url.Parse(address)
	if err != nil || target.Host == "" {
		return
	}
	policy := w.Header().Get("Content-Security-Policy")
	w.Header().Set("Content-Security-Policy",
		strings.Replace(policy, "form-action 'self'", "form-action 'self' "+target.Scheme+"://"+target.Host, 1))
}

const maxForm = 16 << 10

// readForm reads a small form, or answers why it cannot.
func readForm(w http.ResponseWriter, req *http.Request) bool {
	req.Body = http.MaxBytesReader(w, req.Body, maxForm)
	if err := req.ParseForm(); err != nil {
		http.Error(w, "The form cannot be read.", http.StatusBadRequest)
		return false
	}
	return true
}
