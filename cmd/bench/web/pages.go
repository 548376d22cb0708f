package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"time"

	"veche/cmd/bench/rounds"
)

// viewing is how long a page is asked for in one round.
const viewing = time.Second

// Pages measures the page of a poll and the list of polls beside the portal's own
// assets, which the same server answers from memory: the one whose answer is about
// as long as the page's, both as sent, compressed.
func Pages(ctx context.Context, p rounds.Plan, out io.Writer) (err error) {
	t, err := found(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.leave()) }()
	for range 30 {
		if _, err := t.openPoll(ctx, "Где поставить новую скамейку?"); err != nil {
			return err
		}
	}
	// A poll that people voted in.
	poll, err := t.openPoll(ctx, "Где поставить новую скамейку?")
	if err != nil {
		return err
	}
	votes := t.errand(htmxVotes, poll, window(p, viewing))
	votes.AtMost = 1000
	if _, err := run(ctx, votes); err != nil {
		return err
	}
	assets, err := t.assets()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d people ask at a time; the asset is the style sheet, which the same server answers from memory\n", workers)
	page := func(name, path string, signedIn bool) rounds.Contender {
		return rounds.Contender{Name: name, Round: func(ctx context.Context) (rounds.Sample, error) {
			if err := t.seen(ctx); err != nil {
				return nil, err
			}
			e := t.errand(pageViews, poll, window(p, viewing))
			e.Path, e.SignedIn = path, signedIn
			o, err := run(ctx, e)
			if err != nil {
				return nil, err
			}
			sample := rounds.Sample{
				figurePages: float64(o.Asked) / o.Seconds,
				figureP50:   o.P50,
				figureP99:   o.P99,
				figureBytes: float64(o.Length),
			}
			if o.CPU > 0 {
				sample[figureCPU] = o.CPU
			}
			return sample, nil
		}}
	}
	sheet := fmt.Sprintf("/polls/%d", poll.ID)
	results, err := rounds.Interleave(ctx, p.Rounds,
		page(asset, assets, false),
		page("poll, guest", sheet, false),
		page("poll, signed in", sheet, true),
		page("list, guest", "/polls", false),
		page("list, signed in", "/polls", true),
	)
	if err != nil {
		return err
	}
	return results.Print(out,
		rounds.Column{Figure: figurePages, Over: asset},
		rounds.Column{Figure: figureP50, Decimals: 1},
		rounds.Column{Figure: figureP99, Decimals: 1},
		rounds.Column{Figure: figureCPU, Decimals: 2, Over: asset},
		rounds.Column{Figure: figureBytes},
	)
}

const asset = "static asset"

var styles = regexp.MustCompile(`/static/app-[A-Z0-9]+\.css`)

// assets finds the address of the style sheet in a page.
func (t *town) assets() (string, error) {
	c, err := dial(t.portal.address)
	if err != nil {
		return "", err
	}
	defer c.close()
	html, err := c.read(plain(t.portal.address, "/about"))
	if err != nil {
		return "", err
	}
	if found := styles.Find(html); found != nil {
		return string(found), nil
	}
	return "", errors.New("the page names no style sheet")
}
