package sms

import (
	"context"
	"crypto/rand"
	"embed"
	"log/slog"
	"sync"
	"time"

	"veche/cmd/sim/inbox"
	"veche/cmd/sim/site"
)

//go:embed words.ru.toml words.en.toml page.html
var files embed.FS

const (
	senderName  = "VECHE" // what the phone shows; names of eleven Latin letters are the network's limit
	maxKept     = 5000    // messages whose id is remembered
	maxUnsolved = 1000    // messages whose delivery or receipt is still under way
)

// Status is how far a message has come.
type Status string

// The states of a message; the last two are final.
const (
	Accepted  Status = "accepted"
	Delivered Status = "delivered"
	Failed    Status = "failed"
)

// ReceiptState is how far the receipt of a message has come.
type ReceiptState string

// The states of a receipt.
const (
	ReceiptNone    ReceiptState = "none" // nobody asked for one
	ReceiptWaiting ReceiptState = "waiting"
	ReceiptTaken   ReceiptState = "taken"
	ReceiptLost    ReceiptState = "lost"
)

// Config says who may send and where receipts may go.
type Config struct {
	Token         string
	Secret        string          // signs receipts
	CallbackHosts []string        // hosts besides loopback that receipts may go to
	Late          time.Duration   // how long the late number takes
	Pauses        []time.Duration // between attempts to bring a receipt
}

// Pauses are the ordinary waits between attempts to bring a receipt.
var Pauses = []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second}

// message is one accepted text and what became of it.
type message struct {
	sendRequest
	Message  string
	Segments int
	At       time.Time
	Status   Status
	Reason   string
	Receipt  ReceiptState
}

// Gateway is the SMS part.
type Gateway struct {
	config   Config
	address  string
	fixtures []Fixture
	box      *inbox.Box
	courier  *courier
	now      func() time.Time
	log      *slog.Logger
	page     *site.Page

	life    context.Context // ends deliveries and receipts under way
	end     context.CancelFunc
	working sync.WaitGroup

	mu        sync.Mutex
	stopped   bool
	unsolved  int
	journal   []*message // oldest first
	byID      map[string]*message
	byMessage map[string]*message
}

// New makes a gateway that delivers to the box. address is the program's base
// URL.
func New(config Config, address string, box *inbox.Box, now func() time.Time, log *slog.Logger) *Gateway {
	life, end := context.WithCancel(context.Background())
	return &Gateway{
		config: config, address: address, fixtures: fixtures(config.Late), box: box,
		courier: newCourier(config, now), now: now, log: log.With("part", "sms"),
		life: life, end: end, byID: map[string]*message{}, byMessage: map[string]*message{},
	}
}

// Card introduces the gateway to the program.
func (g *Gateway) Card() site.Card {
	return site.Card{
		Key: "sms", Protocol: "HTTP, JSON", Address: g.address + "/sms/v1/messages", Page: "/sms",
		Files: files, Mount: g.mount, Run: g.run,
	}
}

// run waits for the end, then ends what is under way.
func (g *Gateway) run(ctx context.Context) error {
	<-ctx.Done()
	g.mu.Lock()
	g.stopped = true
	g.mu.Unlock()
	g.end()
	g.working.Wait()
	return nil
}

// accept records a new message, or finds the one its id was used for. Whether
// that one says the same is for the caller to see.
func (g *Gateway) accept(request sendRequest, segments int) (m message, isNew bool, err error) {
	fate := g.fate(request.To)
	g.mu.Lock()
	defer g.mu.Unlock()
	if known, ok := g.byID[request.ID]; ok {
		return *known, false, nil
	}
	if g.stopped || g.unsolved == maxUnsolved {
		return message{}, false, errBusy
	}
	accepted := &message{
		sendRequest: request, Message: rand.Text(), Segments: segments, At: g.now().UTC(),
		Status: Accepted, Receipt: ReceiptNone,
	}
	if request.Callback != "" {
		accepted.Receipt = ReceiptWaiting
	}
	g.keep(accepted)
	g.unsolved++
	if fate.late == 0 {
		g.settle(accepted, fate)
	}
	g.working.Go(func() { g.follow(accepted, fate) })
	return *accepted, true, nil
}

func (g *Gateway) keep(m *message) {
	if len(g.journal) == maxKept {
		oldest := g.journal[0]
		delete(g.byID, oldest.ID)
		delete(g.byMessage, oldest.Message)
		g.journal = append(g.journal[:0], g.journal[1:]...)
	}
	g.journal = append(g.journal, m)
	g.byID[m.ID], g.byMessage[m.Message] = m, m
}

// settle gives the message its final state and, unless that is a failure, puts
// it on the phone. The caller holds the lock.
func (g *Gateway) settle(m *message, fate Fixture) {
	if fate.reason != "" {
		m.Status, m.Reason = Failed, fate.reason
		return
	}
	m.Status = Delivered
	g.box.Deliver(inbox.Message{Kind: inbox.SMS, From: senderName, Text: m.Text}, m.To)
}

// follow sees a message through to its receipt.
func (g *Gateway) follow(m *message, fate Fixture) {
	defer g.change(func() { g.unsolved-- })
	if fate.late > 0 {
		select {
		case <-g.life.Done():
			return
		case <-time.After(fate.late):
		}
		g.change(func() { g.settle(m, fate) })
	}
	if m.Callback == "" || fate.silent {
		return
	}
	var body receipt
	g.change(func() {
		body = receipt{
			Message: m.Message, ID: m.ID, To: m.To, Status: m.Status, Reason: m.Reason, At: g.now().UTC(),
		}
	})
	state := ReceiptTaken
	if err := g.courier.carry(g.life, m.Callback, body); err != nil {
		if g.life.Err() != nil {
			return
		}
		g.log.Warn("receipt not taken", "message", m.Message, "error", err)
		state = ReceiptLost
	}
	g.change(func() { m.Receipt = state })
}

func (g *Gateway) change(do func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	do()
}

// find is the message with the gateway's id.
func (g *Gateway) find(id string) (message, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	found, ok := g.byMessage[id]
	if !ok {
		return message{}, false
	}
	return *found, true
}

// latest lists the newest messages, newest first.
func (g *Gateway) latest(limit int) []message {
	g.mu.Lock()
	defer g.mu.Unlock()
	var messages []message
	for i := len(g.journal) - 1; i >= 0 && len(messages) < limit; i-- {
		messages = append(messages, *g.journal[i])
	}
	return messages
}

func (g *Gateway) fate(number string) Fixture {
	for _, fixture := range g.fixtures {
		if fixture.Number == number {
			return fixture
		}
	}
	return Fixture{}
}
