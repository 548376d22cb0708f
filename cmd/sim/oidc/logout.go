package oidc

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// backChannelEvent makes a token one that signs out (Back-Channel Logout 1.0, 2.4).
const backChannelEvent = "http://schemas.openid.net/event/backchannel-logout"

const logoutTokenLife = 2 * time.Minute

// signOut ends a session of the provider and tells the clients that took part in it. It
// returns when each was tried once; who did not answer is tried again meanwhile.
func (r *realm) signOut(ctx context.Context, sid string) bool {
	gone, clients, found := r.store.leave(sid)
	if !found {
		return false
	}
	for _, id := range clients {
		known, registered := r.clientOf(id)
		if !registered || known.BackChannel == "" {
			continue
		}
		line := r.store.note(Delivery{At: r.now(), Person: gone.Person.Name, Client: host(known.BackChannel), State: "waiting"})
		done, err := r.tell(ctx, known, gone)
		if done {
			r.settle(line, err)
			continue
		}
		r.working.Go(func() { r.tellAgain(line, known, gone) })
	}
	return true
}

func (r *realm) settle(line *Delivery, err error) {
	state := "taken"
	switch {
	case errors.Is(err, errRefused):
		state = "refused"
	case err != nil:
		state = "lost"
	}
	if err != nil {
		r.log.Warn("logout token not taken", "issuer", r.Key, "client", line.Client, "error", err)
	}
	r.store.change(line, state)
}

func (r *realm) tellAgain(line *Delivery, client Client, gone session) {
	err := errors.New("it was not tried again")
	for _, pause := range r.pauses {
		select {
		case <-r.life.Done():
			return
		case <-time.After(pause):
		}
		var done bool
		if done, err = r.tell(r.life, client, gone); done {
			break
		}
	}
	r.settle(line, err)
}

var errRefused = errors.New("the client refused the token")

// tell posts a logout token once; done says that trying again is of no use.
func (r *realm) tell(ctx context.Context, client Client, gone session) (done bool, err error) {
	token, err := r.logoutToken(client, gone)
	if err != nil {
		return true, err
	}
	body := url.Values{"logout_token": {token}}.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, client.BackChannel, strings.NewReader(body))
	if err != nil {
		return true, fmt.Errorf("address the client: %w", err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("User-Agent", "veche-sim-oidc/1")
	answer, err := r.client.Do(request)
	if err != nil {
		return false, fmt.Errorf("post the token: %w", err)
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10))
	switch {
	case answer.StatusCode == http.StatusOK || answer.StatusCode == http.StatusNoContent:
		return true, nil
	case answer.StatusCode >= 400 && answer.StatusCode < 500 && answer.StatusCode != http.StatusTooManyRequests:
		return true, fmt.Errorf("%w: %s", errRefused, answer.Status)
	}
	return false, fmt.Errorf("the client answered %s", answer.Status)
}

func (r *realm) logoutToken(client Client, gone session) (string, error) {
	now := r.now()
	return r.keys.sign("logout+jwt", map[string]any{
		"iss": r.URL, "aud": client.ID, "sub": subject(r.Key, gone.Person.Key), "sid": gone.SID,
		"iat": now.Unix(), "exp": now.Add(logoutTokenLife).Unix(), "jti": rand.Text(),
		"events": map[string]any{backChannelEvent: struct{}{}},
	})
}

// leaving is a request to sign out (RP-Initiated Logout 1.0, 2).
type leaving struct {
	sid   string // the session that the hint names; "" when there is none
	sub   string
	back  string // where to go afterwards; "" stays here
	state string
}

var errLeaving = refusal{Code: "invalid_request", Detail: "post_logout_redirect_uri is not registered for this client", Shown: true}

func (r *realm) readLeaving(query url.Values) (leaving, bool) {
	var hint struct {
		Issuer   string `json:"iss"`
		Audience string `json:"aud"`
		Subject  string `json:"sub"`
		SID      string `json:"sid"`
	}
	asked := leaving{back: query.Get("post_logout_redirect_uri"), state: query.Get("state")}
	id := query.Get("client_id")
	if token := query.Get("id_token_hint"); token != "" {
		if err := r.keys.read(token, &hint); err == nil && hint.Issuer == r.URL && (id == "" || id == hint.Audience) {
			id, asked.sid, asked.sub = hint.Audience, hint.SID, hint.Subject
		}
	}
	known, _ := r.clientOf(id)
	return asked, asked.back == "" || slices.Contains(known.AfterLogout, asked.back)
}

// logout signs out whoever the hint names, and asks everybody else.
func (r *realm) logout(w http.ResponseWriter, req *http.Request) {
	asked, ok := r.readLeaving(query(req))
	if !ok {
		r.sendRefusal(w, req, request{}, errLeaving)
		return
	}
	known, signedIn := r.visitor(req)
	if signedIn && (asked.sid != known.SID || asked.sub != subject(r.Key, known.Person.Key)) {
		mayLeadTo(w, asked.back)
		r.leave.Render(w, req, http.StatusOK, leaveView{Issuer: r.Key, Name: known.Person.Name, Action: req.URL.RequestURI()})
		return
	}
	sid := known.SID
	if !signedIn {
		sid = asked.sid // the hint was given to the client that the session belongs to
	}
	r.goAway(w, req, asked, sid)
}

// confirmLogout takes the answer of who was asked.
func (r *realm) confirmLogout(w http.ResponseWriter, req *http.Request) {
	asked, ok := r.readLeaving(query(req))
	if !ok {
		r.sendRefusal(w, req, request{}, errLeaving)
		return
	}
	known, _ := r.visitor(req)
	r.goAway(w, req, asked, known.SID)
}

func (r *realm) goAway(w http.ResponseWriter, req *http.Request, asked leaving, sid string) {
	r.signOut(req.Context(), sid)
	http.SetCookie(w, r.cookie("", -1))
	target, err := url.Parse(asked.back)
	if asked.back == "" || err != nil {
		r.left.Render(w, req, http.StatusOK, leaveView{Issuer: r.Key})
		return
	}
	if asked.state != "" {
		query := target.Query()
		query.Set("state", asked.state)
		target.RawQuery = query.Encode()
	}
	http.Redirect(w, req, target.String(), http.StatusSeeOther)
}
