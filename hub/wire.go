package hub

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"veche/domain/event"
)

// Bounds of what a page may send.
const (
	maxMessage = 16 << 10 // bytes
	maxRegions = 200      // joined by one socket
	maxBeat    = 60       // seconds
	maxVersion = 64       // bytes
	maxPass    = 128      // bytes
)

// request is a message of a page, checked.
type request struct {
	join  []joinRequest
	leave []event.Region
	beat  map[event.Topic]int
}

type joinRequest struct {
	region        event.Region
	version, pass string
}

var errMalformed = errors.New("malformed message")

// parseRequest reads a message of a page. Whatever the wire contract does not
// name is an error.
func parseRequest(message []byte) (request, error) {
	if len(message) > maxMessage {
		return request{}, fmt.Errorf("%w: over %d bytes", errMalformed, maxMessage)
	}
	if !utf8.Valid(message) {
		return request{}, fmt.Errorf("%w: not UTF-8", errMalformed) // RFC 6455, section 8.1
	}
	// By name and not into a struct, for that takes names in any letters.
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(message, &parts); err != nil {
		return request{}, fmt.Errorf("%w: %w", errMalformed, err)
	}
	if len(parts) == 0 {
		return request{}, fmt.Errorf("%w: says nothing", errMalformed)
	}
	var raw struct {
		Join  map[event.Region][]*string
		Leave []event.Region
		Beat  map[event.Topic]*int
	}
	for name, part := range parts {
		var to any
		switch name {
		case "join":
			to = &raw.Join
		case "leave":
			to = &raw.Leave
		case "beat":
			to = &raw.Beat
		default:
			return request{}, fmt.Errorf("%w: unknown field", errMalformed)
		}
		if string(part) == "null" {
			return request{}, fmt.Errorf("%w: null", errMalformed)
		}
		if err := json.Unmarshal(part, to); err != nil {
			return request{}, fmt.Errorf("%w: %w", errMalformed, err)
		}
	}
	if len(raw.Join) > maxRegions || len(raw.Leave) > maxRegions || len(raw.Beat) > maxRegions {
		return request{}, fmt.Errorf("%w: over %d regions", errMalformed, maxRegions)
	}
	r := request{leave: raw.Leave, beat: make(map[event.Topic]int, len(raw.Beat))}
	for region, pair := range raw.Join {
		if !region.Valid() || len(pair) != 2 || slices.Contains(pair, nil) || len(*pair[0]) > maxVersion || len(*pair[1]) > maxPass {
			return request{}, fmt.Errorf("%w: join", errMalformed)
		}
		r.join = append(r.join, joinRequest{region: region, version: *pair[0], pass: *pair[1]})
	}
	for _, region := range raw.Leave {
		if !region.Valid() {
			return request{}, fmt.Errorf("%w: leave", errMalformed)
		}
	}
	for topic, seconds := range raw.Beat {
		if !topic.Valid() || seconds == nil || *seconds < 0 || *seconds > maxBeat {
			return request{}, fmt.Errorf("%w: beat", errMalformed)
		}
		r.beat[topic] = *seconds
	}
	return r, nil
}

// Control messages to a page.
var (
	byeSession = newMessage([]byte(`{"bye":"session"}`))
	byeRole    = newMessage([]byte(`{"bye":"role"}`))
	byeDrain   = newMessage([]byte(`{"bye":"drain"}`))
	feedLost   = newMessage([]byte(`{"feed":"lost"}`))
	feedLive   = newMessage([]byte(`{"feed":"live"}`))

	pingWhileLost = withPing(feedLost)
	pingWhileLive = withPing(feedLive)
)

func byeMessage(bye event.Bye) *message {
	if bye == event.ByeSession {
		return byeSession
	}
	return byeRole
}

func joinedMessage(joined map[event.Region]string) *message { return control("joined", joined) }

func deniedMessage(denied []event.Region) *message { return control("denied", denied) }

func control(name string, value any) *message {
	text, err := json.Marshal(map[string]any{name: value})
	if err != nil {
		panic(fmt.Sprintf("write control message %q: %v", name, err)) // strings cannot fail
	}
	return newMessage(text)
}

// frameOf wraps a drawing for the page's element of the region.
func frameOf(region event.Region, d Drawing) *message {
	const (
		target = `<hx-partial hx-target="#`
		morph  = `" hx-swap="outerMorph">`
		remove = `" hx-swap="delete">`
		end    = `</hx-partial>`
	)
	id := []byte(region.ElementID())
	if d.Gone {
		return newMessage([]byte(target), id, []byte(remove), []byte(end))
	}
	return newMessage([]byte(target), id, []byte(morph), d.HTML, []byte(end))
}
