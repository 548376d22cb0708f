package hub

import "veche/domain/event"

// Request is what was understood of a message of a page.
type Request struct {
	Join  map[event.Region][2]string // version and pass
	Leave []event.Region
	Beat  map[event.Topic]int
}

// ReadRequest is [parseRequest] for those who look at all that was understood.
func ReadRequest(message string) (Request, error) {
	r, err := parseRequest([]byte(message))
	if err != nil {
		return Request{}, err
	}
	read := Request{Join: make(map[event.Region][2]string, len(r.join)), Leave: r.leave, Beat: r.beat}
	for _, j := range r.join {
		read.Join[j.region] = [2]string{j.version, j.pass}
	}
	return read, nil
}

// Bounds of what a page may say.
const (
	MaxBeat    = maxBeat
	MaxVersion = maxVersion
	MaxPass    = maxPass
)
