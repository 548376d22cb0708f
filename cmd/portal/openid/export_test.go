package openid

import "net/http"

// SetTransport has a client trust what the transport trusts.
func SetTransport(c *Client, transport http.RoundTripper) { c.http.Transport = bounded{transport} }
