package db_test

import (
	"sync"
	"testing"

	"veche/db"
	"veche/db/dbtest"
)

func TestSeveralProcessesMayMigrateAtOnce(t *testing.T) {
	t.Parallel()
	url := dbtest.Empty(t)
	var together sync.WaitGroup
	for range 4 {
		together.Go(func() {
			if err := db.Migrate(t.Context(), url); err != nil {
				t.Error(err)
			}
		})
	}
	together.Wait()
}
