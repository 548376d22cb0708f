package settings

import (
	"context"

	"veche/views/layout"
	"veche/views/ui"
	"veche/views/words"
)

func options(ctx context.Context, q layout.Question) []ui.Option {
	all := make([]ui.Option, len(q.Values))
	for i, value := range q.Values {
		all[i] = ui.Option{
			Value:  value,
			Label:  words.T(ctx, "layout.appearance."+q.Field+"."+value),
			Chosen: value == q.Chosen,
		}
	}
	return all
}
