package identities

import "veche/domain/problem"

// Problems of providers.
var (
	ErrUnknownProvider = problem.New(problem.NotFound, "identities.problem.unknown_provider")
	ErrUnknown         = problem.New(problem.NotFound, "identities.problem.unknown")
	ErrLastWay         = problem.New(problem.Conflict, "identities.problem.last_way")
	ErrBoundElsewhere  = problem.New(problem.Conflict, "identities.problem.bound_elsewhere")
	ErrBoundAlready    = problem.New(problem.Conflict, "identities.problem.bound_already")
	ErrSomebodyElse    = problem.New(problem.Conflict, "identities.problem.somebody_else")
	// ErrAstray says that an answer belongs to no way that this browser went.
	ErrAstray = problem.New(problem.Conflict, "identities.problem.astray")
	// ErrRefused says that the person did not want to, or could not.
	ErrRefused = problem.New(problem.Conflict, "identities.problem.refused")
	// ErrForged says that the answer was not made for this way.
	ErrForged = problem.New(problem.Forbidden, "identities.problem.forged")
	ErrLevel  = problem.New(problem.Forbidden, "identities.problem.level")
	// ErrAway says that the provider cannot be reached.
	ErrAway = problem.New(problem.Conflict, "identities.problem.away")
	// ErrEnded says that the person signed out at the provider meanwhile.
	ErrEnded = problem.New(problem.Conflict, "identities.problem.ended")
	// ErrReplayed says that a logout token was taken before.
	ErrReplayed = problem.New(problem.Forbidden, "identities.problem.replayed")
)
