package problem_test

import (
	"errors"
	"fmt"
	"testing"

	"veche/domain/problem"
)

func TestProblemIsFoundWhenWrapped(t *testing.T) {
	t.Parallel()
	closed := problem.New(problem.Conflict, "polls.problem.closed")
	err := fmt.Errorf("cast in poll 42: %w", problem.New(problem.Conflict, "polls.problem.closed", "Poll", 42))
	if !errors.Is(err, closed) {
		t.Error("the wrapped problem is not recognised")
	}
	if errors.Is(err, problem.New(problem.NotFound, "polls.problem.closed")) {
		t.Error("a problem of another kind is taken for the same")
	}
	if found, ok := problem.As(err); !ok || found.Kind != problem.Conflict {
		t.Errorf("found %v, %v", found, ok)
	}
	if _, ok := problem.As(errors.New("connection reset")); ok {
		t.Error("an internal error is shown as a problem")
	}
}
