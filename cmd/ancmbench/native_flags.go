package main

import (
	"bufio"
	"bytes"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/models"
)

// nativeFlags are the flags of the other native modules (BM-03).
type nativeFlags struct {
	requestLog, staticFiles, basicAuth, keytab, principal string
}

// addNativeFlags adds the flags of modules that may also stand before a measured model.
func addNativeFlags(c *cobra.Command, f *nativeFlags) {
	c.Flags().StringVar(&f.requestLog, "request-log", "", "log file: a module in front of the bundled models writes one line per request")
	c.Flags().StringVar(&f.staticFiles, "static-files", "", "folder of static files: a module in front of the bundled models sends them without calling the app")
}

// addAuthFlags adds the flags of authentication.
func addAuthFlags(c *cobra.Command, f *nativeFlags) {
	c.Flags().StringVar(&f.basicAuth, "basic-auth", "", "file of lines user:password; a module in front of the bundled models answers all others with 401")
	c.Flags().StringVar(&f.keytab, "negotiate-keytab", "", "file with the keys of a Kerberos service; its tickets are accepted; with --basic-auth either is accepted")
	c.Flags().StringVar(&f.principal, "negotiate-principal", "", "with --negotiate-keytab: the service, HTTP/host (empty = any in the file)")
}

// modules reads what the flags name.
func (f nativeFlags) modules() (models.NativeModules, error) {
	n := models.NativeModules{RequestLog: f.requestLog, StaticFiles: f.staticFiles, Keytab: f.keytab, Principal: f.principal}
	var err error
	if f.basicAuth != "" {
		if n.Users, err = readUsers(f.basicAuth); err != nil {
			return n, usageError("--basic-auth: %w", err)
		}
	}
	return n, nil
}

const maxUsersFile = 16 << 20

// readUsers reads lines of user:password and skips empty lines and those that begin with #.
// An error names the line and never quotes it.
func readUsers(path string) (map[string]string, error) {
	text, err := ancmbench.ReadInput(path, maxUsersFile)
	if err != nil {
		return nil, err
	}
	users := map[string]string{}
	var faults ancmbench.FaultList
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := lines.Text() // bufio has cut \r off
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		user, password, found := strings.Cut(line, ":")
		_, twice := users[user]
		switch {
		case !found || user == "":
			faults.Add(fmt.Errorf("%s:%d: want user:password", path, n))
		case twice:
			faults.Add(fmt.Errorf("%s:%d: the user occurs twice", path, n))
		}
		users[user] = password
	}
	if err := lines.Err(); err != nil {
		faults.Add(fmt.Errorf("%s: %w", path, err))
	}
	if len(users) == 0 {
		faults.Add(fmt.Errorf("%s: contains no user", path))
	}
	return users, faults.Err()
}

// overFlags say how clients reach a measured model's front.
type overFlags struct{ tls, h2 bool }

func addOverFlags(c *cobra.Command, f *overFlags) {
	c.Flags().BoolVar(&f.tls, "tls", false, "reach the bundled models over TLS, HTTP/1.1 (net/http front, engine vegeta)")
	c.Flags().BoolVar(&f.h2, "h2", false, "reach the bundled models with HTTP/2 over TLS (net/http front, engine vegeta)")
}

// target returns the part of a bundled model's target that says how to reach it.
func (f overFlags) target() (t ancmbench.Target) {
	if f.tls || f.h2 {
		t.Scheme = "https"
	}
	if f.h2 {
		t.Protocol = "h2"
	}
	return t
}
