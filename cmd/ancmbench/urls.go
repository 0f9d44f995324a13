package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"ancmbench"
	"ancmbench/loadgen"
)

// commandPrefix begins the value of a --target that is a command.
const commandPrefix = "cmd:"

// unixPrefix begins a URL that names a Unix socket: unix:/run/app.sock:/path.
const unixPrefix = "unix:"

// parseUnix makes a target of unix:/path/of/socket:/path; without a path it is asked for /.
func parseUnix(rest string) (ancmbench.Target, error) {
	socket, path := rest, "/"
	if at := strings.LastIndex(rest, ":/"); at >= 0 {
		socket, path = rest[:at], rest[at+1:]
	}
	u, err := url.ParseRequestURI(path)
	switch {
	case socket == "":
		return ancmbench.Target{}, fmt.Errorf("the path of the socket is missing, as unix:/run/app.sock:/")
	case err != nil:
		return ancmbench.Target{}, fmt.Errorf("the path after the socket cannot be read")
	}
	return ancmbench.Target{Name: filepath.Base(socket), Network: "unix", Address: socket,
		Workload: ancmbench.Workload{Name: "url", Requests: []ancmbench.Request{{Method: "GET", Path: requestTarget(u)}}}}, nil
}

// parseURL makes a target of a URL, named by its host.
func parseURL(raw string) (ancmbench.Target, error) {
	if rest, isUnix := strings.CutPrefix(raw, unixPrefix); isUnix {
		return parseUnix(rest)
	}
	var t ancmbench.Target
	u, err := url.Parse(raw)
	if err != nil {
		return t, fmt.Errorf("the URL cannot be read")
	}
	port := u.Port()
	switch {
	case u.Scheme == "grpc" || u.Scheme == "grpcs":
		return t, errors.New(ancmbench.GRPCUnsupported)
	case u.Scheme != "http" && u.Scheme != "https":
		return t, fmt.Errorf("the URL must begin with http://, https:// or unix:")
	case u.Hostname() == "":
		return t, fmt.Errorf("the URL has no host")
	case u.User != nil:
		return t, fmt.Errorf("credentials in a URL are not sent: give -H 'Authorization: ...'")
	case port == "" && u.Scheme == "http":
		port = "80"
	case port == "":
		port = "443"
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return t, fmt.Errorf("the port is not in 1 to 65535")
	}
	if strings.ContainsFunc(u.Host, func(r rune) bool { return r > '~' }) {
		return t, fmt.Errorf("the host must be written in ASCII (an international name as xn--...)")
	}
	path := requestTarget(u)
	return ancmbench.Target{Name: u.Host, Scheme: u.Scheme, Address: net.JoinHostPort(u.Hostname(), port), Host: u.Host,
		Workload: ancmbench.Workload{Name: "url", Requests: []ancmbench.Request{{Method: "GET", Path: path}}}}, nil
}

// requestTarget returns the path and query as the user typed them, with illegal characters
// percent-encoded. URL.RequestURI would turn %2F beside a literal é into a slash.
func requestTarget(u *url.URL) string {
	path := u.EscapedPath()
	if u.RawPath != "" {
		path = loadgen.EscapePath(u.RawPath)
	}
	if path == "" {
		path = "/"
	}
	if u.ForceQuery || u.RawQuery != "" {
		path += "?" + loadgen.EscapePath(u.RawQuery)
	}
	return path
}

// reached sets the address of a target: one of those that its name resolves to. The Host
// field keeps the name.
func reached(ctx context.Context, t *ancmbench.Target) error {
	at, err := loadgen.Reach(ctx, *t)
	if err != nil {
		var unknown *net.DNSError
		if errors.As(err, &unknown) {
			return errors.New("the name of the host cannot be resolved") // without the name, which may be private
		}
		return err
	}
	if t.Host == "" {
		t.Host = loadgen.HostField(*t)
	}
	t.Address = at
	return nil
}
