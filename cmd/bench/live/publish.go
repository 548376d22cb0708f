package live

import (
	"context"
	"time"

	"veche/cmd/bench/region"
	"veche/cmd/bench/stamp"
	"veche/domain/event"
	"veche/hub"
)

// Publish says what changes, and how often.
type Publish struct {
	Topics   int // from number 0 on, all in each change
	Personal bool
	Changes  int           // 0: as many as fit into For
	For      time.Duration // when Changes is 0
	Every    time.Duration // 0: one right after the other
}

// Published is what came of it.
type Published struct {
	Changes int   // of each topic
	Last    int64 // the last stamp
}

// publishAtOnce bounds one call of a broker, as the outbox does.
const publishAtOnce = 500

// run stamps the topics and announces them, at the pace asked for.
func (p Publish) run(board *stamp.Board, announce func([]event.Change) error) (Published, error) {
	changes := make([]event.Change, p.Topics)
	for i := range changes {
		changes[i].Topic = region.Topic(p.Personal, i)
	}
	var done Published
	began := time.Now()
	for p.Changes == 0 || done.Changes < p.Changes {
		time.Sleep(time.Until(began.Add(p.Every * time.Duration(done.Changes))))
		if p.Changes == 0 && time.Since(began) >= p.For {
			break
		}
		for first := 0; first < p.Topics; first += publishAtOnce {
			end := min(p.Topics, first+publishAtOnce)
			for i := first; i < end; i++ {
				done.Last = board.Change(i)
			}
			if err := announce(changes[first:end]); err != nil {
				return done, err
			}
		}
		done.Changes++
	}
	return done, nil
}

// through announces changes by a broker.
func through(b hub.Broker) func([]event.Change) error {
	return func(changes []event.Change) error {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		return b.Publish(ctx, changes)
	}
}
