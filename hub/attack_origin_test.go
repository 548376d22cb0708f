package hub_test

import (
	"net/http"
	"testing"

	"veche/hub"
)

// Who may connect is the page of the very host and port that is asked, and of the
// hosts named in the options. A peer without an Origin is no browser and could
// have said whatever is liked.
func TestOriginIsComparedWhole(t *testing.T) {
	t.Parallel()
	const host = "portal.example:8080"
	s := besiege(t, hub.Options{Origins: []string{"friend.example", "*.veche.example", "https://secure.example"}})
	origin := func(values ...string) (headers []string) {
		for _, value := range values {
			headers = append(headers, "Origin: "+value)
		}
		return headers
	}
	const ok, foreign = http.StatusSwitchingProtocols, http.StatusForbidden
	for name, c := range map[string]struct {
		host    string
		headers []string
		want    int
	}{
		"absent":                          {host, nil, ok},
		"own":                             {host, origin("http://portal.example:8080"), ok},
		"own in other letters":            {host, origin("HTTP://pOrTaL.eXample:8080"), ok},
		"own, asked in other letters":     {"PORTAL.example:8080", origin("https://portal.example:8080"), ok},
		"own in a header of other letter": {host, []string{"oRIGIN: https://portal.example:8080"}, ok},
		"foreign in such a header":        {host, []string{"oRIGIN: https://evil.example"}, foreign},
		"without the port":                {host, origin("http://portal.example"), foreign},
		"of another port":                 {host, origin("http://portal.example:8081"), foreign},
		"of a port too many":              {"portal.example", origin("http://portal.example:8080"), foreign},
		"of a port written longer":        {host, origin("http://portal.example:08080"), foreign},
		"of a port that is no number":     {host, origin("http://portal.example:8080.evil.example"), foreign},
		"of a host below":                 {host, origin("http://a.portal.example:8080"), foreign},
		"of a host above":                 {host, origin("http://example:8080"), foreign},
		"of a host that begins alike":     {host, origin("http://portal.example.evil.example:8080"), foreign},
		"of a host that ends alike":       {host, origin("http://evilportal.example:8080"), foreign},
		"with a dot at the end":           {host, origin("http://portal.example.:8080"), foreign},
		"as the name of a person":         {host, origin("http://portal.example:8080@evil.example"), foreign},
		"as a path":                       {host, origin("http://evil.example/portal.example:8080"), foreign},
		"as a query":                      {host, origin("http://evil.example?portal.example:8080"), foreign},
		"as a fragment":                   {host, origin("http://evil.example#@portal.example:8080"), foreign},
		"behind a backslash":              {host, origin(`http://evil.example\@portal.example:8080`), foreign},
		"behind a backslash and a dot":    {host, origin(`https://evil.example\.veche.example`), foreign},
		"without a scheme":                {host, origin("portal.example:8080"), foreign},
		"null":                            {host, origin("null"), foreign},
		"of a file":                       {host, origin("file://"), foreign},
		"of an extension":                 {host, origin("chrome-extension://portal"), foreign},
		"that is no address":              {host, origin("http://%zz"), foreign},
		"of letters that look alike":      {host, origin("http://роrtal.example:8080"), foreign},
		"two in one header":               {host, origin("http://portal.example:8080, https://evil.example"), foreign},
		"two in one header, blank":        {host, origin("http://portal.example:8080 https://evil.example"), foreign},
		"own before foreign":              {host, origin("http://portal.example:8080", "https://evil.example"), foreign},
		"own twice":                       {host, origin("http://portal.example:8080", "http://portal.example:8080"), foreign},
		"foreign before own":              {host, origin("https://evil.example", "http://portal.example:8080"), foreign},
		"foreign twice":                   {host, origin("https://evil.example", "https://evil.example"), foreign},
		"named":                           {host, origin("https://friend.example"), ok},
		"named in other letters":          {host, origin("https://FRIEND.example"), ok},
		"named with a port":               {host, origin("https://friend.example:444"), foreign},
		"below a named one":               {host, origin("https://a.friend.example"), foreign},
		"that fits a pattern":             {host, origin("https://a.veche.example"), ok},
		"that goes on after a pattern":    {host, origin("https://a.veche.example.evil.example"), foreign},
		"that is short of a pattern":      {host, origin("https://veche.example"), foreign},
		"that fits a pattern by a query":  {host, origin("https://evil.example?.veche.example"), foreign},
		"that fits a pattern by a name":   {host, origin("https://.veche.example@evil.example"), foreign},
		"named with its scheme":           {host, origin("https://secure.example"), ok},
		"named with another scheme":       {host, origin("http://secure.example"), foreign},
		"that is a pattern itself":        {host, origin("https://*"), foreign},
	} {
		a := s.connect(t)
		a.send(upgradeTo("/live", c.host, c.headers...))
		response, err := http.ReadResponse(a.in, nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if response.StatusCode != c.want {
			t.Errorf("%s: status %d, want %d", name, response.StatusCode, c.want)
		}
		_ = a.conn.Close()
		s.awaitCounts(t, 1, 1, 1)
	}
	s.repelled(t)
}
