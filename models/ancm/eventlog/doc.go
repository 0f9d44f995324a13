// Package eventlog answers one question: what is an entry of the event log?
//
// An Event has a kind, a text without secrets and the app's last output; String
// makes one harmless line of it. The package writes nowhere: who notices something
// hands an Event to a function of its caller's.
package eventlog
