package accounts

// NextPath is where a sign-in leads, for tests that attack it.
var NextPath = nextPath

// AddressTries is the name under which tries from an address are counted.
var AddressTries = addressTries
