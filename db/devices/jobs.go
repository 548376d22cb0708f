package devices

import (
	"context"
	"fmt"

	"github.com/riverqueue/river"

	"veche/db"
	"veche/domain/devices"
)

// SendLinkArgs is the job that sends the link of a device to its owner's phone. The link
// itself follows from the device when it is sent.
type SendLinkArgs struct {
	Device devices.ID `json:"device"`
}

// Kind names the job.
func (SendLinkArgs) Kind() string { return "devices.send_link" }

// InsertOpts bound how often it is tried: the link is good for a quarter of an hour.
func (SendLinkArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{MaxAttempts: 5} }

// AddWorkers adds the area's jobs to those this process can do.
func (s *Store) AddWorkers(workers *river.Workers) {
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[SendLinkArgs]) error {
		return s.SendLink(ctx, job.Args.Device)
	}))
}

// SendLink sends the link of a device that still waits for it.
func (s *Store) SendLink(ctx context.Context, id devices.ID) error {
	var rows []struct{ PublicID, Phone, Lang string }
	_, err := s.db.Look(ctx, db.Ask(&rows, `
		SELECT d.public_id, a.phone, a.lang
		FROM devices d
		JOIN accounts a ON a.id = d.account_id AND a.phone IS NOT NULL
		WHERE d.id = $1 AND d.bound_at IS NULL AND d.link_until > now()`, id))
	if err != nil {
		return fmt.Errorf("read the link of device %d: %w", id, err)
	}
	if len(rows) == 0 || s.o.Texter == nil {
		return nil
	}
	r := rows[0]
	return s.o.Texter.SendLink(ctx, r.PublicID, r.Phone, r.Lang, s.Link(r.PublicID))
}
