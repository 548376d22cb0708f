package recovery

import (
	"context"

	"veche/domain/accounts"
)

// Watch lets a test see every comparison of an answer, or fail it.
func (s *Store) Watch(see func() error) {
	match := s.match
	s.match = func(ctx context.Context, offered accounts.Password, hash string) (bool, error) {
		if err := see(); err != nil {
			return false, err
		}
		return match(ctx, offered, hash)
	}
}
