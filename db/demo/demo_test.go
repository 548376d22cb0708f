package demo_test

import (
	"sync"
	"testing"
	"time"

	"veche/db"
	accountsdb "veche/db/accounts"
	codesdb "veche/db/codes"
	"veche/db/dbtest"
	"veche/db/demo"
	factorsdb "veche/db/factors"
	pollsdb "veche/db/polls"
	proofsdb "veche/db/proofs"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/polls"
)

var now = time.Now().In(time.FixedZone("MSK", 3*60*60))

func seeded(t *testing.T) (*db.DB, demo.Summary) {
	t.Helper()
	d := dbtest.New(t)
	summary, err := demo.Seed(t.Context(), d, demo.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return d, summary
}

// number asks for one number.
func number(t *testing.T, d *db.DB, statement string, args ...any) int {
	t.Helper()
	var n int
	err := d.Read(t.Context(), func(r *db.Snapshot) error { return r.Get(t.Context(), &n, statement, args...) })
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return n
}

// One town serves all that only look at it.
func TestDemoData(t *testing.T) {
	t.Parallel()
	d, summary := seeded(t)
	t.Run("everything is stored", func(t *testing.T) { everythingIsStored(t, d, summary) })
	t.Run("counters agree", func(t *testing.T) { countersAgree(t, d) })
	t.Run("demo people sign in", func(t *testing.T) { demoPeopleSignIn(t, d) })
	t.Run("polls have their jobs", func(t *testing.T) { pollsHaveTheirJobs(t, d) })
}

func everythingIsStored(t *testing.T, d *db.DB, summary demo.Summary) {
	for table, want := range map[string]int{
		"accounts":         summary.People,
		"polls":            summary.Polls,
		"ballots":          summary.Ballots,
		"publics":          summary.Publics,
		"posts":            summary.Posts,
		"comments":         summary.Comments + summary.Held,
		"moderation_items": summary.Held,
		"reactions":        summary.Reactions,
		"search_entries":   summary.Polls + summary.Posts,
	} {
		if got := number(t, d, `SELECT count(*) FROM `+table); got != want || got == 0 {
			t.Errorf("%d rows in %s, want %d", got, table, want)
		}
	}
}

// Each statement counts what is not as it must be.
func countersAgree(t *testing.T, d *db.DB) {
	for what, statement := range map[string]string{
		"tallies against ballots": `
			SELECT count(*)
			FROM (SELECT poll_id, option_id, count(*) AS votes FROM ballots GROUP BY 1, 2) b
			FULL JOIN (SELECT poll_id, option_id, sum(votes) AS votes FROM poll_tallies GROUP BY 1, 2) t
				USING (poll_id, option_id)
			WHERE b.votes IS DISTINCT FROM t.votes`,
		"turnouts against ballots": `
			SELECT count(*)
			FROM (SELECT poll_id, date_trunc('hour', cast_at, 'UTC') AS hour, count(*) AS votes FROM ballots GROUP BY 1, 2) b
			FULL JOIN (SELECT poll_id, hour, sum(votes) AS votes FROM poll_turnouts GROUP BY 1, 2) t
				USING (poll_id, hour)
			WHERE b.votes IS DISTINCT FROM t.votes`,
		"electorates": `
			SELECT count(*) FROM polls
			WHERE electorate <> CASE status WHEN 'scheduled' THEN 0 ELSE (SELECT count(*) FROM accounts WHERE confirmed) END`,
		"likes": `
			SELECT count(*) FROM posts p
			WHERE (SELECT count(*) FROM reactions r WHERE r.post_id = p.id)
				IS DISTINCT FROM (SELECT sum(likes)::bigint FROM post_counts c WHERE c.post_id = p.id)`,
		"comments": `
			SELECT count(*) FROM posts p
			WHERE (SELECT count(*) FROM comments c WHERE c.post_id = p.id AND c.state = 'published')
				IS DISTINCT FROM (SELECT sum(comments)::bigint FROM post_counts c WHERE c.post_id = p.id)`,
		"posts of publics": `
			SELECT count(*) FROM publics o
			WHERE posts <> (SELECT count(*) FROM posts p WHERE p.public_id = o.id AND p.state = 'published')`,
		"replies to replies": `
			SELECT count(*) FROM comments c JOIN comments parent ON parent.id = c.parent_id WHERE parent.parent_id IS NOT NULL`,
		"texts in the queue that nothing is suspected in, or that are no comments in waiting": `
			SELECT count(*) FROM moderation_items i
			LEFT JOIN comments c ON c.id = i.object_id AND c.state = 'pending' AND c.author_id = i.author_id AND c.body = i.text
			WHERE c.id IS NULL OR i.suspicions = '{}' OR i.due_at < now()`,
		"residents who could sign in": `
			SELECT count(*) FROM accounts WHERE (password_hash <> '') <> (phone IS NOT NULL)`,
	} {
		if wrong := number(t, d, statement); wrong != 0 {
			t.Errorf("%s: %d do not agree", what, wrong)
		}
	}
}

func TestSeedIsDoneOnce(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	var wait sync.WaitGroup
	summaries := make([]demo.Summary, 3)
	for i := range summaries {
		wait.Go(func() {
			var err error
			if summaries[i], err = demo.Seed(t.Context(), d, demo.Options{Now: now}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	did := 0
	for _, s := range summaries {
		if s != (demo.Summary{}) {
			did++
		}
	}
	if did != 1 {
		t.Errorf("%d of %d seeded", did, len(summaries))
	}
}

func demoPeopleSignIn(t *testing.T, d *db.DB) {
	store := accountsdb.New(d)
	secret := []byte("a secret of the test")
	factors, err := factorsdb.New(d, factorsdb.Options{Secret: secret})
	if err != nil {
		t.Fatal(err)
	}
	store.ProveWith(proofsdb.New(d, codesdb.New(d, secret, nil), factors, store))
	for _, person := range accounts.Demo() {
		offered, err := accounts.ParseCredentials(person.Email, accounts.DemoPassword)
		if err != nil {
			t.Fatal(err)
		}
		entry, err := store.SignIn(t.Context(), access.Guest(), offered, accounts.Place{})
		if err != nil {
			t.Errorf("%s: %v", person.Email, err)
			continue
		}
		if entry.Pending == "" { // all of them have a phone that the second code comes to
			t.Errorf("%s is not asked for a second proof: %+v", person.Email, entry)
		}
	}
}

func TestPortalGoesOnFromTheDemoData(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	d, _ := seeded(t)
	store := pollsdb.New(d)
	open := number(t, d, `SELECT min(id) FROM polls WHERE status = 'open'`)
	sheet, err := store.Sheet(ctx, access.Guest(), polls.ID(open))
	if err != nil {
		t.Fatal(err)
	}
	var public string
	err = d.Read(ctx, func(r *db.Snapshot) error {
		return r.Get(ctx, &public, `SELECT public_id FROM accounts WHERE email = 'anna@demo.test'`)
	})
	if err != nil {
		t.Fatal(err)
	}
	anna := access.Actor{Account: 1, Public: public, Confirmed: true, Fresh: true}
	if err := store.Cast(ctx, anna, sheet.Poll.ID, sheet.Poll.Options[0].ID, "FORM"); err != nil {
		t.Fatal(err)
	}
	after, err := store.Sheet(ctx, anna, sheet.Poll.ID)
	if err != nil {
		t.Fatal(err)
	}
	if after.Tally.Votes() != sheet.Tally.Votes()+1 || after.Tally.Rows[0].Votes != sheet.Tally.Rows[0].Votes+1 {
		t.Errorf("%d votes became %d", sheet.Tally.Votes(), after.Tally.Votes())
	}
	// Keys given by the database come after those of the demo data.
	err = d.InTx(ctx, func(tx *db.Tx) error {
		_, err := accountsdb.Add(ctx, tx, accounts.Account{Name: "Новый Житель", Email: "new@test.test"}, "")
		if err != nil {
			return err
		}
		_, err = pollsdb.Announce(ctx, tx, polls.Poll{
			Question: "Новый опрос?",
			Topic:    "Разное",
			OpensAt:  now.Add(time.Hour),
			ClosesAt: now.Add(2 * time.Hour),
			Options:  []polls.Option{{Text: "Да"}, {Text: "Нет"}},
		})
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func pollsHaveTheirJobs(t *testing.T, d *db.DB) {
	wrong := number(t, d, `
		SELECT count(*)
		FROM (
			SELECT id, 'polls.open' AS kind, opens_at AS at FROM polls WHERE status = 'scheduled'
			UNION ALL
			SELECT id, 'polls.close', closes_at FROM polls WHERE status <> 'closed'
		) due
		FULL JOIN (SELECT (args->>'poll')::bigint AS id, kind, scheduled_at AS at FROM river_job) job
			USING (id, kind, at)
		WHERE due IS NULL OR job IS NULL`)
	if wrong != 0 {
		t.Errorf("%d jobs are missing or too many", wrong)
	}
}
