package oidc

import (
	"net/http"

	"veche/cmd/sim/site"
)

// leaveView is the page that asks whether to sign out, and the one after it.
type leaveView struct {
	Issuer string
	Name   string
	Action string
}

type frontView struct {
	Issuers []issuerView
}

type issuerView struct {
	Key     string
	URL     string
	Clients []Client
	Levels  []string
}

// homeView is an issuer's own page.
type homeView struct {
	issuerView
	Known    *session
	Sessions []session
	Journal  []Delivery
	Keys     int
	Methods  []Method
}

func (r *realm) view() issuerView {
	return issuerView{Key: r.Key, URL: r.URL, Clients: r.clients, Levels: r.reachable()}
}

func (p *Provider) showFront(w http.ResponseWriter, req *http.Request) {
	var view frontView
	for _, r := range p.realms {
		view.Issuers = append(view.Issuers, r.view())
	}
	p.front.Render(w, req, http.StatusOK, view)
}

func (r *realm) showHome(w http.ResponseWriter, req *http.Request) {
	keys, err := r.keys.public()
	if err != nil {
		r.log.Error("count keys", "error", err)
	}
	view := homeView{
		issuerView: r.view(), Sessions: r.store.everybody(r.now()), Journal: r.store.deliveries(),
		Keys: len(keys.Keys), Methods: r.methods,
	}
	if known, signedIn := r.visitor(req); signedIn {
		view.Known = &known
	}
	r.home.Render(w, req, http.StatusOK, view)
}

// endSession ends any session of the provider: this is a demo, and its page is for
// whoever runs it.
func (r *realm) endSession(w http.ResponseWriter, req *http.Request) {
	r.signOut(req.Context(), req.PathValue("sid"))
	http.Redirect(w, req, "/oidc/"+r.Key, http.StatusSeeOther)
}

func (r *realm) rotateKeys(w http.ResponseWriter, req *http.Request) {
	if err := r.keys.rotate(); err != nil {
		r.log.Error("rotate keys", "error", err)
		site.WriteProblem(w, site.Problem{Status: http.StatusInternalServerError, Code: "no_key", Detail: "the key could not be made"})
		return
	}
	http.Redirect(w, req, "/oidc/"+r.Key, http.StatusSeeOther)
}
