package moderation

import (
	"context"

	"veche/domain/moderation"
	"veche/views/ui"
	"veche/views/words"
)

func (f Form) grounds(ctx context.Context) []ui.Option {
	options := make([]ui.Option, len(moderation.Grounds))
	for i, g := range moderation.Grounds {
		options[i] = ui.Option{
			Value:  string(g),
			Label:  words.Capital(words.T(ctx, "moderation.ground."+string(g))),
			Chosen: string(g) == f.Ground,
		}
	}
	return options
}
