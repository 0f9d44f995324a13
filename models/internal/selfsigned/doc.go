// Package selfsigned makes certificates for tests.
package selfsigned
