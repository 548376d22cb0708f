package notifications

import (
	"context"
	"fmt"
	"time"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/notifications"
)

// bell is how many unread items a person has, as of a state.
type bell struct {
	state  string
	unread int
}

// Unread counts the unread items of many people, by their public ids, as far as
// [notifications.MostUnread]. Who is no person is missing from the answer.
func (s *Store) Unread(ctx context.Context, people ...string) (state string, unread map[string]int, err error) {
	all, err := s.bells.AskAll(ctx, people...)
	if err != nil {
		return "", nil, fmt.Errorf("count unread notifications: %w", err)
	}
	unread = make(map[string]int, len(people))
	for _, account := range people {
		if b, ok := all[account]; ok {
			state, unread[account] = b.state, b.unread
		}
	}
	return state, unread, nil
}

const selectUnread = `
	SELECT
		a.public_id AS account,
		(SELECT count(*) FROM (
			SELECT FROM notifications n
			WHERE n.account_id = a.id AND n.read_at IS NULL
			LIMIT $2
		) counted) AS unread
	FROM accounts a
	WHERE a.public_id = ANY($1)`

func (s *Store) readBells(ctx context.Context, people []string) (map[string]bell, error) {
	var rows []struct {
		Account string
		Unread  int
	}
	state, err := s.db.Look(ctx, db.Ask(&rows, selectUnread, people, notifications.MostUnread))
	if err != nil {
		return nil, err
	}
	bells := make(map[string]bell, len(rows))
	for _, row := range rows {
		bells[row.Account] = bell{state, row.Unread}
	}
	return bells, nil
}

// Feed is a page of a person's feed, as of one state.
type Feed struct {
	State  string
	Items  []notifications.Notification // newest first
	Next   int64                        // the key where the next page goes on; 0 on the last
	Newest []int64                      // the newest keys there are, on whatever page
}

// Feed reads a page of the actor's own feed (NTF-01, NTF-04). keys is how many of
// the newest keys it names.
func (s *Store) Feed(ctx context.Context, actor access.Actor, f notifications.Filter, keys int) (Feed, error) {
	if err := access.Can(actor, access.ReadNotifications, access.Object{Owner: actor.Account}); err != nil {
		return Feed{}, err
	}
	var items itemRows
	var newest newestRows
	heads := []HeadKey{{actor.Public, f.Section}}
	state, err := s.db.Look(ctx, items.page(actor.Account, f, notifications.PageSize+1), newest.of(heads, keys))
	if err != nil {
		return Feed{}, fmt.Errorf("read the feed of account %d: %w", actor.Account, err)
	}
	feed := Feed{State: state, Newest: newest.byHead()[heads[0]]}
	for _, row := range items {
		feed.Items = append(feed.Items, row.notification())
	}
	if len(feed.Items) > notifications.PageSize {
		feed.Items = feed.Items[:notifications.PageSize]
		feed.Next = feed.Items[notifications.PageSize-1].Key()
	}
	return feed, nil
}

// ItemKey names an item of a person's feed, both by public ids.
type ItemKey struct{ Account, ID string }

// Items reads items of many people. What is not in that person's feed is missing
// from the answer.
func (s *Store) Items(ctx context.Context, keys []ItemKey) (state string, found map[ItemKey]notifications.Notification, err error) {
	var rows itemRows
	if state, err = s.db.Look(ctx, rows.of(keys)); err != nil {
		return "", nil, fmt.Errorf("read notifications: %w", err)
	}
	found = make(map[ItemKey]notifications.Notification, len(rows))
	for _, row := range rows {
		found[ItemKey{row.Account, row.PublicID}] = row.notification()
	}
	return state, found, nil
}

// Lead answers where one of the actor's items leads, and leaves it unread. Others'
// items do not exist for the actor.
func (s *Store) Lead(ctx context.Context, actor access.Actor, id string) (path string, err error) {
	if err := access.Can(actor, access.ReadNotifications, access.Object{Owner: actor.Account}); err != nil {
		return "", err
	}
	_, found, err := s.Items(ctx, []ItemKey{{actor.Public, id}})
	if err != nil {
		return "", err
	}
	item, known := found[ItemKey{actor.Public, id}]
	if !known {
		return "", notifications.ErrNotFound
	}
	return item.Path, nil
}

// HeadKey names a section of a person's feed.
type HeadKey struct {
	Account string // public id
	Section notifications.Section
}

// Newest reads the keys of the n newest items of sections of many people's feeds,
// read or not: an item that came was unread when it came.
func (s *Store) Newest(ctx context.Context, heads []HeadKey, n int) (state string, keys map[HeadKey][]int64, err error) {
	var rows newestRows
	if state, err = s.db.Look(ctx, rows.of(heads, n)); err != nil {
		return "", nil, fmt.Errorf("list the newest notifications: %w", err)
	}
	return state, rows.byHead(), nil
}

// Settings reads which channels the actor chose, and the address of their letters.
func (s *Store) Settings(ctx context.Context, actor access.Actor) (chosen notifications.Settings, address string, err error) {
	if err := access.Can(actor, access.ReadNotifications, access.Object{Owner: actor.Account}); err != nil {
		return chosen, "", err
	}
	var rows []struct {
		Email string
		Mail  bool
	}
	_, err = s.db.Look(ctx, db.Ask(&rows, `
		SELECT a.email, coalesce(s.mail, false) AS mail
		FROM accounts a
		LEFT JOIN notification_settings s ON s.account_id = a.id
		WHERE a.id = $1`, actor.Account))
	if err != nil {
		return chosen, "", fmt.Errorf("read the channels of account %d: %w", actor.Account, err)
	}
	if len(rows) == 0 {
		return chosen, "", access.ErrUnauthenticated // it was closed a moment ago
	}
	return notifications.Settings{Mail: rows[0].Mail}, rows[0].Email, nil
}

// itemRow is an item as it stands in the tables.
type itemRow struct {
	Account   string
	PublicID  string
	Kind      notifications.Kind
	Facts     map[string]string
	Path      string
	CreatedAt time.Time
	ReadAt    *time.Time
	State     *notifications.State
	StateAt   *time.Time
}

func (r itemRow) notification() notifications.Notification {
	n := notifications.Notification{
		ID:        r.PublicID,
		Kind:      r.Kind,
		Facts:     r.Facts,
		Path:      r.Path,
		CreatedAt: r.CreatedAt,
		ReadAt:    r.ReadAt,
	}
	if r.State != nil && r.StateAt != nil {
		n.Letter = &notifications.Delivery{State: *r.State, At: *r.StateAt}
	}
	return n
}

type itemRows []itemRow

const selectItems = `
	SELECT
		a.public_id AS account,
		n.public_id,
		n.kind,
		n.facts,
		n.path,
		n.created_at,
		n.read_at,
		d.state,
		d.at AS state_at
	FROM accounts a
	JOIN notifications n ON n.account_id = a.id
	LEFT JOIN notification_deliveries d ON d.notification_id = n.id AND d.channel = 'mail'`

// page asks for a page of a feed.
func (r *itemRows) page(account accounts.ID, f notifications.Filter, limit int) db.Question {
	statement, args := selectPage(account, f, limit)
	return db.Ask((*[]itemRow)(r), statement, args...)
}

// selectPage is the question for a page. Only conditions that are asked for stand in
// it, so that each kind of list has a plan of its own.
func selectPage(account accounts.ID, f notifications.Filter, limit int) (string, []any) {
	statement, args := selectItems+` WHERE a.id = $1`, []any{account, limit}
	if f.Unread {
		statement += ` AND n.read_at IS NULL`
	}
	if f.Section != "" {
		args = append(args, f.Section)
		statement += fmt.Sprintf(` AND n.section = $%d`, len(args))
	}
	if f.Before != 0 {
		args = append(args, time.UnixMicro(f.Before))
		statement += fmt.Sprintf(` AND n.created_at < $%d`, len(args))
	}
	return statement + ` ORDER BY n.created_at DESC LIMIT $2`, args
}

func (r *itemRows) of(keys []ItemKey) db.Question {
	people, ids := make([]string, len(keys)), make([]string, len(keys))
	for i, k := range keys {
		people[i], ids[i] = k.Account, k.ID
	}
	return db.Ask((*[]itemRow)(r), selectItems+`
		JOIN unnest($1::text[], $2::text[]) AS wanted (account, id)
			ON wanted.account = a.public_id AND wanted.id = n.public_id`, people, ids)
}

type newestRow struct {
	Account   string
	Section   notifications.Section
	CreatedAt time.Time
}

type newestRows []newestRow

func (r *newestRows) of(heads []HeadKey, n int) db.Question {
	people, parts := make([]string, len(heads)), make([]string, len(heads))
	for i, h := range heads {
		people[i], parts[i] = h.Account, string(h.Section)
	}
	return db.Ask((*[]newestRow)(r), selectNewest, people, parts, n)
}

const selectNewest = `
	SELECT wanted.account, wanted.section, newest.created_at
	FROM unnest($1::text[], $2::text[]) AS wanted (account, section)
	JOIN accounts a ON a.public_id = wanted.account
	CROSS JOIN LATERAL (
		SELECT n.created_at
		FROM notifications n
		WHERE n.account_id = a.id AND (wanted.section = '' OR n.section = wanted.section)
		ORDER BY n.created_at DESC
		LIMIT $3
	) newest
	ORDER BY newest.created_at DESC`

func (r newestRows) byHead() map[HeadKey][]int64 {
	keys := make(map[HeadKey][]int64)
	for _, row := range r {
		head := HeadKey{row.Account, row.Section}
		keys[head] = append(keys[head], notifications.Notification{CreatedAt: row.CreatedAt}.Key())
	}
	return keys
}
