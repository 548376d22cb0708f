package handlers

import (
	"context"

	"github.com/redis/go-redis/v9"

	"veche/internal/together"
)

// piped is a Redis client whose scripts, called by many requests at the same time,
// share a round trip.
type piped struct {
	redis.UniversalClient
	calls *together.Rounds[*call, *redis.Cmd]
}

// call is one call of a script.
type call struct {
	sha  string
	keys []string
	args []any
}

func newPiped(client redis.UniversalClient) piped {
	return piped{client, together.New(limitTime, func(ctx context.Context, calls []*call) (map[*call]*redis.Cmd, error) {
		replies := make(map[*call]*redis.Cmd, len(calls))
		// Each reply carries its own error.
		_, _ = client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
			for _, c := range calls {
				replies[c] = pipe.EvalSha(ctx, c.sha, c.keys, c.args...)
			}
			return nil
		})
		return replies, nil
	})}
}

// EvalSha calls a script that Redis knows already.
func (p piped) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	reply, _, err := p.calls.Ask(ctx, &call{sha, keys, args})
	if err != nil {
		reply = redis.NewCmd(ctx)
		reply.SetErr(err)
	}
	return reply
}
