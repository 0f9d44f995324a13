package main

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// What a URL has that no error may show: who asks (user:password@) and the query, which
// has the token of many a service.

var (
	schemeEnd = regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://`)
	urlText   = regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://[^\s"'<>]+`)
	plainName = regexp.MustCompile(`^[^/@?:\s]{1,64}$`)
)

// shownURL returns a URL, or what was meant as one, without user info and query. It does not
// parse it, because errors are about what cannot be parsed. All up to the last @ may be a
// password.
func shownURL(raw string) string {
	before, rest := "", raw
	if at := schemeEnd.FindStringIndex(raw); at != nil {
		before, rest = raw[:at[1]], raw[at[1]:]
	}
	at, query := strings.LastIndexByte(rest, '@'), strings.IndexAny(rest, "?#")
	switch {
	case strings.ContainsAny(before, "?#@"), query >= 0 && query < at:
		return "(URL)" // a query with an @, or a password with a ?: it can be either
	case query >= 0:
		return before + rest[at+1:query] + "?..."
	}
	return before + rest[at+1:]
}

// holdsSecret reports whether an argument may be a URL with something to hide.
func holdsSecret(arg string) bool {
	return schemeEnd.MatchString(arg) && strings.ContainsAny(arg, "@?#") || strings.ContainsRune(arg, '@') && strings.ContainsRune(arg, ':')
}

// withoutSecrets removes from an error the secrets of all URLs: those of the arguments,
// wherever they were given and however the error quotes them, and those of any other URL in
// it.
func withoutSecrets(text string, args []string) string {
	var whole []string
	for _, arg := range args {
		if !holdsSecret(arg) {
			continue
		}
		whole = append(whole, arg)
		if flag, value, ok := strings.Cut(arg, "="); ok && strings.HasPrefix(flag, "-") {
			whole = append(whole, value)
		} else if ok {
			whole = append(whole, value) // NAME=URL
		}
	}
	slices.SortFunc(whole, func(a, b string) int { return len(b) - len(a) }) // a part after its whole
	for _, arg := range whole {
		quoted := strconv.Quote(arg)
		for _, form := range []string{arg, quoted[1 : len(quoted)-1]} {
			text = strings.ReplaceAll(text, form, shownURL(arg))
		}
	}
	return urlText.ReplaceAllStringFunc(text, func(u string) string {
		if strings.ContainsAny(u, "@?") {
			return shownURL(u)
		}
		return u
	})
}
