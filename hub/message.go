package hub

import (
	"encoding/binary"

	"veche/domain/event"
)

// message is a text message as it goes over the wire, framed once for all who get
// it (RFC 6455, section 5.2): what a server sends is not masked, so the same bytes
// serve every page.
type message struct {
	wire []byte
	head int // bytes of the header; the text follows
}

func (m *message) text() []byte { return m.wire[m.head:] }

// maxHead is the longest header of an unmasked frame, in bytes.
const maxHead = 10

// newMessage frames a text given in parts.
func newMessage(parts ...[]byte) *message {
	size := 0
	for _, part := range parts {
		size += len(part)
	}
	wire := appendHead(make([]byte, 0, size+headOf(size)), size)
	head := len(wire)
	for _, part := range parts {
		wire = append(wire, part...)
	}
	return &message{wire: wire, head: head}
}

// pingPayload is what pages send back (RFC 6455, section 5.5.3).
const pingPayload = "veche"

// withPing is a message that a ping goes ahead of, in the same write.
func withPing(m *message) *message {
	const finalPing = 0x89
	wire := append([]byte{finalPing, byte(len(pingPayload))}, pingPayload...)
	return &message{wire: append(wire, m.wire...)}
}

// headOf is the length of the header of a text of some length, in bytes.
func headOf(size int) int {
	switch {
	case size < 126:
		return 2
	case size < 1<<16:
		return 4
	default:
		return maxHead
	}
}

// appendHead appends the header of a final, unmasked text frame.
func appendHead(wire []byte, size int) []byte {
	const finalText = 0x81
	switch headOf(size) {
	case 2:
		return append(wire, finalText, byte(size))
	case 4:
		return binary.BigEndian.AppendUint16(append(wire, finalText, 126), uint16(size))
	default:
		return binary.BigEndian.AppendUint64(append(wire, finalText, 127), uint64(size))
	}
}

// item is something that waits for one page: a drawing of a region, a control
// message of the wire contract, or a control frame of the protocol. Only the text of
// a drawing is ever looked at.
type item struct {
	*message
	region event.Region // of a drawing
}

func (i item) isFrame() bool { return i.region != "" }

// appendItems appends what the items look like on the wire. Drawings that follow
// one another become one message: one swap in the page costs less than many.
func appendItems(wire []byte, items []item) []byte {
	for len(items) > 0 {
		run, size := 1, 0
		if items[0].isFrame() {
			size = len(items[0].text())
			for run < len(items) && items[run].isFrame() {
				size += len(items[run].text())
				run++
			}
		}
		if run == 1 {
			wire = append(wire, items[0].wire...)
		} else {
			wire = appendHead(wire, size)
			for _, i := range items[:run] {
				wire = append(wire, i.text()...)
			}
		}
		items = items[run:]
	}
	return wire
}
