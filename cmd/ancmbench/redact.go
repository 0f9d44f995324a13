package main

import (
	"net"
	"net/url"
	"regexp"
	"strings"

	"ancmbench/experiment"
)

// redactLine removes from a shell command what must not leave the machine, as redactTarget
// does from a URL: hosts, credentials, and folders from the root on.
func redactLine(line string) string {
	line = assigned.ReplaceAllStringFunc(line, func(s string) string {
		m := assigned.FindStringSubmatch(s)
		if strings.Contains(m[3], "://") && m[3][0] != '\'' && m[3][0] != '"' {
			return s // the URL is redacted as such
		}
		return m[1] + m[2] + experiment.Withheld
	})
	line = secretOption.ReplaceAllString(line, "${1}"+experiment.Withheld)
	var kept strings.Builder // URLs have their own rule, and their slashes are no folders
	from := 0
	for _, at := range anyURL.FindAllStringIndex(line, -1) {
		kept.WriteString(rooted.ReplaceAllString(line[from:at[0]], "$1"))
		if u := line[at[0]:at[1]]; ownURL.MatchString(u) {
			kept.WriteString(u)
		} else {
			kept.WriteString(redactURL(u))
		}
		from = at[1]
	}
	kept.WriteString(rooted.ReplaceAllString(line[from:], "$1"))
	return kept.String()
}

// redactTarget removes from NAME=URL what must not leave the machine: the name of another
// host, credentials and the query. A loopback address stays.
func redactTarget(s string, details bool) string {
	name, raw, found := strings.Cut(s, "=")
	if !found || !plainName.MatchString(name) { // the name was forgotten, and = is the query's
		return shownURL(s)
	}
	if line, isCommand := strings.CutPrefix(raw, commandPrefix); isCommand {
		if !details {
			line = redactLine(line)
		}
		return name + "=" + commandPrefix + line
	}
	if rest, isUnix := strings.CutPrefix(raw, unixPrefix); isUnix {
		if !details {
			rest = redactLine(rest)
		}
		return name + "=" + unixPrefix + withoutQuery(rest)
	}
	if details {
		return name + "=" + shownURL(raw)
	}
	return name + "=" + ownPath(raw)
}

// ownPath is redactURL, but of a server on this machine the path stays, which finds
// again what was asked for. A query stays out: it has the token of many a service.
func ownPath(raw string) string {
	shown := redactURL(raw)
	u, err := url.Parse(raw)
	if err != nil || u.User != nil || strings.Contains(shown, "://HOST") {
		return shown
	}
	path, query := u.EscapedPath(), ""
	if path == "" {
		path = "/"
	}
	if u.RawQuery != "" {
		query = "?" + experiment.Withheld
	}
	return u.Scheme + "://" + u.Host + path + query
}

// redactURL does it for a URL alone.
func redactURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "(URL)"
	}
	host := u.Host
	if ip := net.ParseIP(u.Hostname()); u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		host = "HOST"
	}
	path := "/"
	if u.Path != "/" && u.Path != "" || u.RawQuery != "" {
		path = "/..."
	}
	return u.Scheme + "://" + host + path
}

var (
	// anyURL ends where a word of a shell does, quoted or not.
	anyURL = regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://[^\s'"]+`)
	// ownURL is an address of this machine and no more, its port perhaps still open.
	ownURL = regexp.MustCompile(`^https?://(localhost|127\.[0-9.]+|0\.0\.0\.0|[*+]|\[::1?\])(:([0-9]+|\{port\}|\$PORT|\$\{PORT\}))?/?$`)
	// assigned is NAME=value before a command; a value of fewer than six bytes is no
	// secret (1, en, true). One that refers to a variable is no secret by itself.
	assigned = regexp.MustCompile(`(^|[\s;&|(])([A-Za-z_][A-Za-z0-9_]*=)('[^']*'|"[^"]*"|[^\s'"$;&|]{6,})`)
	// secretOption is an option by whose name the value is a secret, of any length.
	secretOption = regexp.MustCompile(`(?i)(-[a-z-]*(?:password|passwd|secret|token|credential|auth|key)[a-z-]*[= ])('[^']*'|"[^"]*"|[^\s'"$]+)`)
	// rooted is the folder of an absolute path, on Windows with its drive, or of one
	// at home: what follows it stays.
	rooted = regexp.MustCompile(`(^|[\s=:'"(<>])(?:~?/|[A-Za-z]:[\\/])(?:[^\s'"/\\]*[\\/])*`)
)
