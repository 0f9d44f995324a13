// Package redact answers one question: how does a text look without the secrets in
// it?
//
// A Redaction knows the values of variables that the app was configured with; tokens
// and what is called a password are recognised by their shape. A secret of no known
// shape that is in no variable stays.
package redact
