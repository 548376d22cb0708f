package load

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
)

// Opcodes of RFC 6455, section 5.2.
const (
	opText  = 1
	opClose = 8
	opPing  = 9
	opPong  = 10
)

var errWire = errors.New("server breaks RFC 6455")

// frame is a frame of a server: unmasked, and whole, for the hub never fragments.
type frame struct {
	opcode  byte
	payload []byte
}

// longest is more than the hub queues for one page.
const longest = 16 << 20

// nextFrame takes the first frame of data. It says false while the frame is not all
// there.
func nextFrame(data []byte) (f frame, rest []byte, whole bool, err error) {
	if len(data) < 2 {
		return frame{}, data, false, nil
	}
	if data[0]&0xf0 != 0x80 || data[1]&0x80 != 0 {
		return frame{}, data, false, fmt.Errorf("%w: frame begins with %x", errWire, data[:2])
	}
	head, length := 2, int(data[1])
	switch length {
	case 126:
		if head = 4; len(data) >= head {
			length = int(binary.BigEndian.Uint16(data[2:]))
		}
	case 127:
		if head = 10; len(data) >= head {
			long := binary.BigEndian.Uint64(data[2:])
			if long > longest {
				return frame{}, data, false, fmt.Errorf("%w: frame of %d bytes", errWire, long)
			}
			length = int(long)
		}
	}
	if len(data) < head || len(data)-head < length {
		return frame{}, data, false, nil
	}
	return frame{opcode: data[0] & 0x0f, payload: data[head : head+length]}, data[head+length:], true, nil
}

// appendFrame appends a frame of a client: masked, as RFC 6455 section 5.3 demands.
func appendFrame(to []byte, opcode byte, payload []byte) []byte {
	to = append(to, 0x80|opcode)
	switch n := len(payload); {
	case n < 126:
		to = append(to, 0x80|byte(n))
	case n <= 0xffff:
		to = binary.BigEndian.AppendUint16(append(to, 0x80|126), uint16(n))
	default:
		to = binary.BigEndian.AppendUint64(append(to, 0x80|127), uint64(n))
	}
	var mask [4]byte
	binary.NativeEndian.PutUint32(mask[:], rand.Uint32())
	to = append(to, mask[:]...)
	for i, c := range payload {
		to = append(to, c^mask[i&3])
	}
	return to
}

// The example of RFC 6455, section 1.3: a key and the answer that belongs to it.
const (
	upgradeKey    = "dGhlIHNhbXBsZSBub25jZQ=="
	upgradeAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
)

// upgradeRequest asks for the socket of one page.
func upgradeRequest(address string, page int) []byte {
	return fmt.Appendf(nil, "GET /live?page=%d HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n", page, address, upgradeKey)
}

// upgradeAnswer takes the answer to the request. It says false while it is not all
// there.
func upgradeAnswer(data []byte) (rest []byte, whole bool, err error) {
	head, rest, whole := bytes.Cut(data, []byte("\r\n\r\n"))
	if !whole {
		return data, false, nil
	}
	if !bytes.HasPrefix(head, []byte("HTTP/1.1 101 ")) || !bytes.Contains(head, []byte(upgradeAccept)) {
		return nil, false, fmt.Errorf("%w: upgrade is answered %q", errWire, head)
	}
	return rest, true, nil
}
