package accounts

// AddressTries is the name under which tries from an address are counted.
var AddressTries = addressTries
