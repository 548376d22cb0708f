package smtp

// SecuredFromStart has a sender speak to any port as to the one that is encrypted
// from the start.
func SecuredFromStart(s *Sender) { s.secured = true }
