package load_test

import (
	"net"
	"path/filepath"
	"testing"
	"time"

	"veche/cmd/bench/load"
	"veche/cmd/bench/region"
	"veche/cmd/bench/stamp"
)

// bare is a crowd whose server only writes, and that server's ends of the sockets.
func bare(t *testing.T, pages, topics int) (*load.Crowd, []net.Conn, *stamp.Board) {
	t.Helper()
	board, err := stamp.Create(filepath.Join(t.TempDir(), "board"), topics)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	accepted := make(chan net.Conn, pages)
	go func() {
		for range pages {
			conn, err := listener.Accept()
			if err != nil {
				close(accepted)
				return
			}
			accepted <- conn
		}
	}()
	crowd, err := load.NewCrowd(board)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(crowd.Drop)
	if err := crowd.Open(load.Open{Address: listener.Addr().String(), Sockets: pages, Regions: topics, Bare: true}); err != nil {
		t.Fatal(err)
	}
	conns := make([]net.Conn, pages)
	for i := range conns {
		conn, ok := <-accepted
		if !ok {
			t.Fatal("not all pages came")
		}
		t.Cleanup(func() { conn.Close() })
		conns[i] = conn
	}
	return crowd, conns, board
}

func drawing(topic int, stamped int64) []byte {
	r := region.Of(region.Topic(false, topic))
	return serverFrame(region.Message(r, region.Draw(r, "v", stamped)))
}

func write(t *testing.T, to net.Conn, data []byte) {
	t.Helper()
	if _, err := to.Write(data); err != nil {
		t.Fatal(err)
	}
}

func TestPageWithoutTheNewestIsLeftBehind(t *testing.T) {
	t.Parallel()
	crowd, conns, board := bare(t, 3, 1)
	older, newest := board.Change(0), board.Change(0)
	write(t, conns[0], drawing(0, newest))
	write(t, conns[1], append(drawing(0, older), drawing(0, newest)...))
	write(t, conns[2], drawing(0, older))
	report, err := crowd.Await(load.Wait{Newest: true, Within: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if report.Behind != 1 || report.Drawings != 4 || report.Back != 0 {
		t.Errorf("one page of three has no newest: %+v", report)
	}
	write(t, conns[2], drawing(0, newest))
	report, err = crowd.Await(load.Wait{Newest: true, Within: 10 * time.Second})
	if err != nil || report.Behind != 0 || report.Drawings != 5 {
		t.Errorf("all have the newest: %+v, %v", report, err)
	}
	if report.Heard <= newest || report.P99 <= 0 || report.LastP99 < report.P50 {
		t.Errorf("times are wrong: %+v", report)
	}
}

func TestEveryTopicOfAPageCounts(t *testing.T) {
	t.Parallel()
	crowd, conns, board := bare(t, 1, 2)
	first, second := board.Change(0), board.Change(1)
	write(t, conns[0], drawing(1, second))
	if report, err := crowd.Await(load.Wait{Newest: true, Within: 200 * time.Millisecond}); err != nil || report.Behind != 1 {
		t.Errorf("a topic is missing: %+v, %v", report, err)
	}
	write(t, conns[0], drawing(0, first))
	if report, err := crowd.Await(load.Wait{Newest: true, Within: 10 * time.Second}); err != nil || report.Behind != 0 {
		t.Errorf("both topics came: %+v, %v", report, err)
	}
}

// More than a page reads at once is cut somewhere within a drawing.
func TestDrawingThatComesInPiecesIsReadWhole(t *testing.T) {
	t.Parallel()
	crowd, conns, board := bare(t, 1, 1)
	const many = 1000
	var all []byte
	for range many {
		all = append(all, drawing(0, board.Change(0))...)
	}
	write(t, conns[0], all)
	report, err := crowd.Await(load.Wait{Newest: true, Within: 20 * time.Second})
	if err != nil || report.Behind != 0 || report.Drawings != many || report.Back != 0 {
		t.Errorf("%d drawings came as %+v, %v", many, report, err)
	}
}

func TestOlderAfterNewerIsSeen(t *testing.T) {
	t.Parallel()
	crowd, conns, board := bare(t, 1, 1)
	older, newest := board.Change(0), board.Change(0)
	write(t, conns[0], append(append(drawing(0, newest), drawing(0, older)...), drawing(0, newest)...))
	deadline := time.Now().Add(10 * time.Second)
	for {
		report, err := crowd.Await(load.Wait{Newest: true, Within: 10 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		if report.Drawings == 3 {
			if report.Back != 1 {
				t.Errorf("one drawing came late: %+v", report)
			}
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("drawings did not come: %+v", report)
		}
	}
}

func TestPageThatIsCutOffIsAnError(t *testing.T) {
	t.Parallel()
	crowd, conns, _ := bare(t, 2, 1)
	conns[1].Close()
	deadline := time.Now().Add(10 * time.Second)
	for {
		if _, err := crowd.Await(load.Wait{}); err != nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("nobody noticed")
		}
	}
}
