package localredis

import (
	"context"
	"crypto/rand"
	"sync"
	"testing"
)

// shared is the Redis of a test process. It lives while a test uses it, so that it
// ends with the last of them.
var shared struct {
	sync.Mutex
	server *Server
	users  int
}

// ForTest answers the URL of a real Redis that the tests of a process share, and a
// prefix for keys and channels that no other test has: Pub/Sub knows no database
// numbers. A test that kills its Redis uses [Start] and a server of its own.
func ForTest(t testing.TB) (url, prefix string) {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.users == 0 {
		server, err := Start(context.Background(), Options{Real: true})
		if err != nil {
			t.Fatal(err)
		}
		shared.server = server
	}
	shared.users++
	t.Cleanup(func() {
		shared.Lock()
		defer shared.Unlock()
		if shared.users--; shared.users == 0 {
			shared.server.Stop()
		}
	})
	return shared.server.URL(), "test-" + rand.Text()[:10] + ":"
}
