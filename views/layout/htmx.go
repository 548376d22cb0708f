package layout

import "encoding/json"

// htmxConfig is read by htmx at start. The style sheet has the rules for busy
// elements itself. Sockets that were lost come back after 1.5 s, 3 s, 6 s … up to
// half a minute, each give or take 90 %, so that a restarted server is not met by
// all pages at once.
const htmxConfig = `{"includeIndicatorCSS":false,"ws":{"reconnectDelay":1500,"reconnectMaxDelay":30000,"reconnectJitter":0.9}}`

// boost makes links and forms replace the content and keep the frame. It names
// its own target and selection instead of hx-target:inherited and
// hx-select:inherited, so that an element with hx-get or hx-post of its own
// inherits nothing.
const boost = `{"target":"#content","select":"#content","swap":"outerSync show:top showTarget:body"}`

// csrfHeader is the hx-headers value that lets requests without a form carry the
// token.
func csrfHeader(token string) (string, error) {
	value, err := json.Marshal(map[string]string{"X-CSRF-Token": token})
	return string(value), err
}
