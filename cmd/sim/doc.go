// Command sim is the outside world of the portal, in one program: what the
// portal would meet beyond its own walls answers here, each part in the real
// protocol, so that the portal's adapters are the ones used in earnest and only
// addresses and keys differ.
//
// Today it is the internet's mail (package mail), an SMS operator (package sms),
// the phone and mailbox of the people they reach (package inbox), the identity
// providers they sign in through (package oidc), and the register of identity papers
// (package registers). Nothing leaves the machine, and every page says that it is a
// demo. `sim help` lists the settings.
package main
