package redact

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// hidden is what stands where a secret was.
const hidden = "(hidden)"

// leastSecret is the length of the shortest value of a variable that is hidden, in
// bytes: hiding 1, en or true would garble the text.
const leastSecret = 6

// Redaction removes secrets from text: pairing tokens, the values of the app's
// configured variables, and values whose name says that they are secret. The zero value
// knows no variables.
type Redaction struct{ values []string }

// settings matches the names of variables that set the level of logging and how .NET runs.
// Their values are words such as Warning, which a log is full of.
var settings = regexp.MustCompile(`(?i)^(Logging__LogLevel__|DOTNET_)`)

// New returns a Redaction that hides the values of variables, given as NAME=value.
func New(variables ...string) Redaction {
	var r Redaction
	for _, kv := range variables {
		if name, v, _ := strings.Cut(kv, "="); len(v) >= leastSecret && !settings.MatchString(name) {
			r.values = append(r.values, v)
		}
	}
	// The longest first: a value may be part of another.
	slices.SortFunc(r.values, func(a, b string) int { return len(b) - len(a) })
	return r
}

var (
	// pairingToken has the shape of every token.
	pairingToken = regexp.MustCompile(`(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	// namedSecret matches a value whose name says that it is secret: in a connection
	// string, an option, a header, a JSON document.
	namedSecret = regexp.MustCompile(`(?i)([\w.-]*(?:password|passwd|pwd|secret|token|credential|api-?_?key|access-?_?key|account-?_?key|private-?_?key|authorization)[\w.-]*["']?\s*[=:]\s*|--?[a-z-]*(?:password|passwd|secret|token|credential|key)[a-z-]* )((?:bearer |basic )?(?:'[^'\n]*'|"[^"\n]*"|[^\s'"&;,]+))`)
	anyURL      = regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://[^\s'"<>]+`)
)

// Redact returns text without secrets.
func (r Redaction) Redact(text string) string {
	for _, v := range r.values {
		text = strings.ReplaceAll(text, v, hidden)
	}
	text = pairingToken.ReplaceAllString(text, "(token)")
	text = anyURL.ReplaceAllStringFunc(text, withoutCredentials)
	return namedSecret.ReplaceAllString(text, "${1}"+hidden)
}

// withoutCredentials returns a URL with user, password and query hidden.
func withoutCredentials(raw string) string {
	if plain := strings.TrimRight(raw, ".,:;)]}"); plain != raw { // they end the sentence around it
		return withoutCredentials(plain) + raw[len(plain):]
	}
	u, err := url.Parse(raw)
	if err != nil { // who knows what is in it
		before, _, _ := strings.Cut(raw, "://")
		return before + "://" + hidden
	}
	before, rest, _ := strings.Cut(raw, "://")
	if u.User != nil {
		_, after, _ := strings.Cut(rest, "@")
		rest = hidden + "@" + after
	}
	if path, _, found := strings.Cut(rest, "?"); found && u.RawQuery != "" {
		rest = path + "?" + hidden
	}
	return before + "://" + rest
}
