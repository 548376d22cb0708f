package live

import (
	"bufio"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"

	"veche/cmd/bench/part"
	"veche/cmd/bench/region"
	"veche/cmd/bench/stamp"
	"veche/domain/event"
)

// FloorPart is the name of the process that is the floor.
const FloorPart = "floor"

// floor does the least that can be done for so many sockets: it accepts connections,
// and a loop writes the same bytes to one after the other.
type floor struct {
	listener net.Listener
	greets   bool // upgrades and joins are answered, by bytes that are always the same

	mu     sync.Mutex
	conns  []net.Conn   // to write to
	guests atomic.Int64 // connections that are greeted
}

type none struct{}

// ServeFloor is that process.
func ServeFloor(args []string, in io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet(FloorPart, flag.ContinueOnError)
	path := flags.String("board", "", "the board's file")
	greets := flags.Bool("greet", false, "answer upgrades and joins")
	if err := flags.Parse(args); err != nil {
		return err
	}
	board, err := stamp.Open(*path)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	f := &floor{listener: listener, greets: *greets}
	go f.accept()
	return part.Serve(in, out, map[string]part.Handler{
		"address": part.Handle(func(none) (string, error) { return listener.Addr().String(), nil }),
		"counts":  part.Handle(func(none) (Counts, error) { return f.counts(), nil }),
		"publish": part.Handle(func(p Publish) (Published, error) { return p.run(board, f.write(board)) }),
	})
}

func (f *floor) accept() {
	for {
		conn, err := f.listener.Accept()
		if err != nil {
			return
		}
		if f.greets {
			go f.greet(conn)
			continue
		}
		f.mu.Lock()
		f.conns = append(f.conns, conn)
		f.mu.Unlock()
	}
}

func (f *floor) counts() Counts {
	f.mu.Lock()
	defer f.mu.Unlock()
	return Counts{Sockets: len(f.conns) + int(f.guests.Load())}
}

// write writes the drawing of topic 0 to every connection.
func (f *floor) write(board *stamp.Board) func([]event.Change) error {
	r := region.Of(region.Topic(false, 0))
	return func([]event.Change) error {
		message := textFrame(region.Message(r, region.Draw(r, "v", board.Newest(0))))
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, conn := range f.conns {
			if _, err := conn.Write(message); err != nil {
				return fmt.Errorf("write to %s: %w", conn.RemoteAddr(), err)
			}
		}
		return nil
	}
}

// textFrame is an unmasked text message as RFC 6455 frames it.
func textFrame(message []byte) []byte {
	framed := []byte{0x81}
	if len(message) < 126 {
		framed = append(framed, byte(len(message)))
	} else {
		framed = binary.BigEndian.AppendUint16(append(framed, 126), uint16(len(message)))
	}
	return append(framed, message...)
}

// greet answers the upgrade and the join of one page.
func (f *floor) greet(conn net.Conn) {
	f.guests.Add(1)
	defer f.guests.Add(-1)
	defer conn.Close()
	reader := bufio.NewReaderSize(conn, 512)
	if _, err := http.ReadRequest(reader); err != nil {
		return
	}
	const welcome = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
	if _, err := io.WriteString(conn, welcome); err != nil {
		return
	}
	joined := textFrame([]byte(`{"joined":{"account:0/bell":"v"}}`))
	for {
		if err := discardFrame(reader); err != nil {
			return
		}
		if _, err := conn.Write(joined); err != nil {
			return
		}
	}
}

var errTooLong = errors.New("a join of one region is shorter")

// discardFrame reads a masked frame of a page.
func discardFrame(from *bufio.Reader) error {
	var head [2]byte
	if _, err := io.ReadFull(from, head[:]); err != nil {
		return err
	}
	length := int(head[1] & 0x7f)
	switch length {
	case 126:
		var long [2]byte
		if _, err := io.ReadFull(from, long[:]); err != nil {
			return err
		}
		length = int(binary.BigEndian.Uint16(long[:]))
	case 127:
		return errTooLong
	}
	_, err := from.Discard(4 + length)
	return err
}
