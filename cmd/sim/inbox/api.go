package inbox

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"veche/cmd/sim/site"
)

const (
	ordinaryLimit = 200
	highestLimit  = 1000
)

func (s *screen) listMessages(w http.ResponseWriter, r *http.Request) {
	filter, err := parseFilter(r.URL.Query())
	if err != nil {
		site.WriteProblem(w, site.Problem{Status: http.StatusBadRequest, Code: "invalid_query", Detail: err.Error()})
		return
	}
	if filter.Limit == 0 {
		filter.Limit = ordinaryLimit
	}
	site.WriteJSON(w, http.StatusOK, s.box.Messages(filter))
}

func (s *screen) forgetMessages(w http.ResponseWriter, r *http.Request) {
	filter, err := parseFilter(r.URL.Query())
	if err != nil {
		site.WriteProblem(w, site.Problem{Status: http.StatusBadRequest, Code: "invalid_query", Detail: err.Error()})
		return
	}
	s.box.Forget(filter)
	w.WriteHeader(http.StatusNoContent)
}

// parseFilter reads the query of the API and of the front page.
func parseFilter(query url.Values) (Filter, error) {
	filter := Filter{To: query.Get("to"), Kind: Kind(query.Get("kind"))}
	switch filter.Kind {
	case "", Mail, SMS:
	default:
		return Filter{}, fmt.Errorf("kind is %q or %q", Mail, SMS)
	}
	var err error
	if after := query.Get("after"); after != "" {
		if filter.After, err = strconv.ParseInt(after, 10, 64); err != nil {
			if filter.Since, err = time.Parse(time.RFC3339, after); err != nil {
				return Filter{}, fmt.Errorf("after is the id of a message or an instant of RFC 3339")
			}
			filter.After = 0
		}
	}
	if before := query.Get("before"); before != "" {
		if filter.Before, err = strconv.ParseInt(before, 10, 64); err != nil {
			return Filter{}, fmt.Errorf("before is the id of a message")
		}
	}
	if limit := query.Get("limit"); limit != "" {
		if filter.Limit, err = strconv.Atoi(limit); err != nil || filter.Limit < 1 || filter.Limit > highestLimit {
			return Filter{}, fmt.Errorf("limit is a number from 1 to %d", highestLimit)
		}
	}
	return filter, nil
}
