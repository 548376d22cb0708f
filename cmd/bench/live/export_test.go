package live

import (
	"veche/cmd/bench/stamp"
	"veche/domain/event"
	"veche/hub"
)

// Run publishes.
func Run(p Publish, b *stamp.Board, announce func([]event.Change) error) (Published, error) {
	return p.run(b, announce)
}

// NewMemory is the broker in memory.
func NewMemory() hub.Broker { return newMemory() }
